//! Existing projects of every kind that tools are added to.

use std::path::PathBuf;

use super::World;

/// Files of a project, and the folder in them that is the project.
pub struct Kind {
    pub name: &'static str,
    files: &'static [(&'static str, &'static str)],
    /// Where the project is; `""` is the top of the repository.
    below: &'static str,
}

const CODE: (&str, &str) = (
    "src/demo/__init__.py",
    "\"\"\"Demo.\"\"\"\n\n\ndef double(number: int) -> int:\n    \"\"\"Twice.\"\"\"\n    return number * 2\n",
);
const FLAT: (&str, &str) = ("demo/__init__.py", CODE.1);
const TEST: (&str, &str) = (
    "tests/test_demo.py",
    "\"\"\"Tests.\"\"\"\n\nfrom demo import double\n\n\ndef test_double() -> None:\n    \"\"\"Twice.\"\"\"\n    assert double(2) == 4\n",
);
/// Every kind.
pub const KINDS: &[Kind] = &[
    Kind { name: "empty", files: &[("pyproject.toml", "")], below: "" },
    Kind {
        name: "src",
        files: &[
            CODE,
            TEST,
            (
                "pyproject.toml",
                "# mine\n[project]\nname = 'demo' # yes\nversion = \"1\"\nrequires-python = \">=3.11\"\n\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"",
            ),
        ],
        below: "",
    },
    Kind {
        name: "flat",
        files: &[
            FLAT,
            TEST,
            (
                "pyproject.toml",
                "[project]\nname = \"demo\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n\n[project.optional-dependencies]\ndev = [\n  # for us\n  \"wheel\", # built\n]\n\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n",
            ),
            (
                ".pre-commit-config.yaml",
                "# ours\nrepos:\n-   repo: local\n    hooks:\n    -   id: mine\n        name: mine\n        language: system\n        entry: 'true'\n",
            ),
            (".gitignore", "*.pyc"),
        ],
        below: "",
    },
    Kind {
        name: "poetry",
        files: &[
            FLAT,
            TEST,
            (
                "pyproject.toml",
                "[tool.poetry]\nname = \"demo\"\nversion = \"1\"\ndescription = \"\"\nauthors = []\n\n[tool.poetry.dependencies]\npython = \"^3.11\"\n\n[tool.poetry.group.dev.dependencies]\nwheel = \"*\"\n\n[build-system]\nrequires = [\"poetry-core\"]\nbuild-backend = \"poetry.core.masonry.api\"\n",
            ),
        ],
        below: "",
    },
    Kind {
        name: "setup-cfg",
        files: &[
            FLAT,
            TEST,
            ("setup.py", "from setuptools import setup\n\nsetup()\n"),
            (
                "setup.cfg",
                "[metadata]\nname = demo\nversion = 1\n\n[options]\npackages = demo\npython_requires = >=3.11\n\n[options.extras_require]\ndev =\n    wheel\n\n[flake8]\nmax-line-length = 99\n",
            ),
        ],
        below: "",
    },
    Kind {
        name: "requirements",
        files: &[
            FLAT,
            TEST,
            (
                "setup.py",
                "from setuptools import setup\n\nsetup(name='demo', version='1', packages=['demo'], python_requires='>=3.11')\n",
            ),
            ("requirements.txt", "# run\nwheel\n"),
            ("requirements-dev.txt", "-r requirements.txt\n# check\nwheel>=0.40"),
        ],
        below: "",
    },
    Kind {
        name: "crlf",
        files: &[
            CODE,
            TEST,
            (
                "pyproject.toml",
                "[project]\r\nname = \"demo\"\r\nversion = \"1\"\r\nrequires-python = \">=3.11\"\r\n\r\n[dependency-groups]\r\ndev = [\r\n\t\"wheel\",\r\n]\r\n\r\n[build-system]\r\nrequires = [\"hatchling\"]\r\nbuild-backend = \"hatchling.build\"\r\n",
            ),
            (
                ".pre-commit-config.yaml",
                "repos:\r\n  - repo: local\r\n    hooks:\r\n      - id: mine\r\n        name: mine\r\n        language: system\r\n        entry: 'true'\r\n",
            ),
        ],
        below: "",
    },
    Kind {
        name: "member",
        files: &[
            ("pyproject.toml", "[tool.uv.workspace]\nmembers = [\"libs/*\"]\n"),
            ("libs/demo/src/demo/__init__.py", CODE.1),
            ("libs/demo/tests/test_demo.py", TEST.1),
            (
                "libs/demo/pyproject.toml",
                "[project]\nname = \"demo\"\nversion = \"1\"\nrequires-python = \">=3.11\"\n\n[build-system]\nrequires = [\"hatchling\"]\nbuild-backend = \"hatchling.build\"\n",
            ),
        ],
        below: "libs/demo",
    },
];

impl World {
    /// A committed project of that kind in a folder `name`; where the project itself is.
    pub fn existing(&self, kind: &Kind, name: &str) -> PathBuf {
        let top = self.work().join(name);
        for (path, text) in kind.files {
            let path = top.join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, text).unwrap();
        }
        self.git(&top, ["init", "-q"]);
        self.git(&top, ["-c", "core.autocrlf=false", "add", "-A"]);
        self.git(&top, ["commit", "-q", "-m", "before"]);
        if kind.below.is_empty() { top } else { top.join(kind.below) }
    }
}
