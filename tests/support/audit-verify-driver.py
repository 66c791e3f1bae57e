"""Asks docs/audit-verify.py about many bundles in one process: a JSON list of cases in, a JSON list of exit codes out.

A case is {"bundle": path, "key": text|null, "since": path|null, "flips": [[position, mask], …]|null}; with flips it has a code for each
of them, a string of digits. Signatures that were right once are not computed again: thousands of bundles have the same ones.
"""
import functools
import importlib.util
import io
import json
import sys

spec = importlib.util.spec_from_file_location("audit_verify", sys.argv[1])
verifier = importlib.util.module_from_spec(spec)
spec.loader.exec_module(verifier)
verifier.signed = functools.lru_cache(maxsize=None)(verifier.signed)


def code_of(data, case):
    try:
        held = None
        if case["since"]:
            with open(case["since"], "rb") as file:
                held = verifier.parse_held(file.read())
    except verifier.Unusable:
        return 2
    return verifier.judge(io.BytesIO(data), case["key"], held)[0]


def codes_of(case):
    with open(case["bundle"], "rb") as file:
        data = bytearray(file.read())
    if case["flips"] is None:
        return code_of(bytes(data), case)
    codes = []
    for position, mask in case["flips"]:
        data[position] ^= mask
        codes.append(str(code_of(bytes(data), case)))
        data[position] ^= mask
    return "".join(codes)


print(json.dumps([codes_of(case) for case in json.load(sys.stdin)]))
