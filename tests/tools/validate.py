"""Validate JSON documents against a JSON schema: validate.py SCHEMA DOCUMENT...; exit code 1 where one does not fit."""

import json
import pathlib
import sys

from jsonschema.validators import validator_for

schema, *documents = (json.loads(pathlib.Path(name).read_text(encoding="utf-8")) for name in sys.argv[1:])
checker = validator_for(schema)
checker.check_schema(schema)
validator = checker(schema)
found = [f"{error.json_path}: {error.message}" for document in documents for error in validator.iter_errors(document)]
sys.exit("\n".join(found) or 0)
