import sys
if sys.version_info < (3, 8):
    print('{"too_old": "%s"}' % sys.version.split()[0])
    sys.exit(0)
import os
import json
stdlib = os.path.dirname(os.path.abspath(os.__file__))
def names(folder):
    try:
        return os.listdir(folder)
    except OSError:
        return []
def has_wheels(folder):
    needed = ["pip-"] if sys.version_info >= (3, 12) else ["pip-", "setuptools-"]
    return all(any(n.startswith(p) and n.endswith(".whl") for n in names(folder)) for p in needed)
def exists(*parts):
    return os.path.isfile(os.path.join(stdlib, *parts))
version = "%d.%d" % sys.version_info[:2]
sites = [os.path.join(stdlib, "site-packages")]
if os.name == "posix":
    lib = os.path.join(sys.base_prefix, "lib")
    sites += [
        os.path.join(lib, "python" + version, "site-packages"),
        os.path.join(sys.base_prefix, "local", "lib", "python" + version, "dist-packages"),
        os.path.join(lib, "python" + version, "dist-packages"),
        os.path.join(lib, "python3", "dist-packages"),
    ]
pip = None
for site in sites:
    for name in names(site):
        if name.startswith("pip-") and name.endswith((".dist-info", ".egg-info")):
            pip = pip or name[4:].rsplit(".", 1)[0].split("-")[0]
bundled = os.path.join(stdlib, "ensurepip", "_bundled")
wheels = [bundled]
has_ensurepip = exists("ensurepip", "__init__.py")
if has_ensurepip and not has_wheels(bundled):
    import sysconfig
    folder = sysconfig.get_config_var("WHEEL_PKG_DIR")
    wheels += [folder] if folder else []
    has_ensurepip = bool(folder) and has_wheels(folder)
print(json.dumps({
    "interpreter": {
        "executable": getattr(sys, "_base_executable", None) or sys.executable,
        "prefix": sys.base_prefix,
        "version": sys.version.split()[0],
        "minor": version,
        "implementation": sys.implementation.name,
        "stdlib": stdlib,
        "has_venv": exists("venv", "__init__.py"),
        "has_ensurepip": has_ensurepip,
        "pip": pip,
        "externally_managed": exists("EXTERNALLY-MANAGED"),
    },
    "watched": [stdlib] + sites + wheels,
}))
