use super::*;

#[test]
fn literals_are_read_and_nothing_else() {
    let found = arguments(
        "from setuptools import setup\n\ndef setup(x=1): pass\n\nsetup(\n    name='demo', # why\n    version=VERSION,\n    \
         description=(\n        'one '\n        'two'),\n    python_requires=\">=3\" \".8\",\n    \
         package_dir={'': 'src'},\n    classifiers=[\n        'A :: B',\n        'C',\n    ],\n    \
         long_description=open('x').read(),\n    url=f'{x}',\n    author='Ada' + x,\n    license='a %s' % b,\n    \
         keywords='x' if y else 'z',\n    author_email=mail['x'],\n)\n",
    );
    assert_eq!(found.text("name"), Some("demo"));
    assert_eq!(found.text("description"), Some("one two"));
    assert_eq!(found.text("python_requires"), Some(">=3.8"));
    for computed in ["version", "url", "author", "license", "keywords", "author_email"] {
        assert_eq!(found.text(computed), None, "{computed}");
    }
    assert_eq!(found.entry("package_dir", ""), Some("src"));
    assert_eq!(found.list("classifiers"), ["A :: B", "C"]);
}

#[test]
fn names_of_literals_are_followed() {
    let found = arguments(
        "NAME = 'demo'\nABOUT = {}\nKEYS = \"\"\"\n  A\n  B\n\"\"\"\nPACKAGES = ['demo',\n  'demo.x']\n\
         def main():\n    kwargs = dict(\n        name=NAME, packages=PACKAGES, python_requires='>=3.6')\n    \
         if x:\n        kwargs['y'] = 2\n    setup(license='MIT', classifiers=KEYS.strip().splitlines(), **kwargs)\n",
    );
    assert_eq!(found.text("name"), Some("demo"));
    assert_eq!(found.text("license"), Some("MIT"));
    assert_eq!(found.list("packages"), ["demo", "demo.x"]);
    let of_call = arguments("import setuptools\nsetuptools.setup(**{'name': 'x'})");
    assert_eq!(of_call.text("name"), Some("x"));
}

#[test]
fn packages_that_are_looked_for_are_told() {
    let find = |text: &str| arguments(&format!("setup(packages={text})")).find();
    let found = find("setuptools.find_packages('src', exclude=('tests', \"tests.*\"))").unwrap();
    assert_eq!((found.base.as_deref(), found.exclude), (Some("src"), vec!["tests".to_owned(), "tests.*".to_owned()]));
    assert_eq!(find("find_packages(include=['a*']) + ['b']").unwrap().include, ["a*"]);
    assert_eq!(find("['a']"), None);
    assert_eq!(find("compute()"), None);
}

#[test]
fn torn_and_nasty_texts_end() {
    let deep = format!("setup(name={}", "[(".repeat(100_000));
    for text in [
        "setup(name='",
        "setup(name=[",
        "setup(",
        "setup(name={'a':",
        "x",
        "setup(a='\\",
        "setup(=)",
        "a = = b",
        "setup(*)",
        "x = )",
        &deep,
    ] {
        arguments(text);
    }
}
