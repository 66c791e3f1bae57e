#!/usr/bin/env python3
"""Verifies a bundle of Pinlab's record: python3 audit-verify.py BUNDLE [--key KEY] [--since CHECKPOINT-FILE]

A second verifier, written from docs/audit.md and not from Pinlab's own; Python 3.9 and its standard library are enough.
Exit code 0: proven, 1: tampered, 2: nothing can be said (no bundle, wrong arguments, a checkpoint that the bundle does not reach).
"""
import base64, hashlib, json, re, sys

LINE = 16 * 1024 * 1024  # a longer line is nothing that Pinlab would have written
FILES = {"log": ["keys.jsonl", "checkpoints.jsonl", "proof.json", "hashes.bin", "parts.jsonl", "events.jsonl"],
         "session": ["keys.jsonl", "checkpoints.jsonl", "proofs.jsonl", "parts.jsonl", "events.jsonl"]}
SPACE = "\t-\r \xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff"  # what no name and no base64 may have in it


class Tampered(Exception):
    pass


class Unusable(Exception):
    pass


def need(holds, message):
    if not holds:
        raise Tampered(message)


# Ed25519 (RFC 8032): points as (X, Y, Z, T) with x = X/Z, y = Y/Z, xy = T/Z.
P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
ROOT = pow(2, (P - 1) // 4, P)


def add(a, b):
    x, y = (a[1] - a[0]) * (b[1] - b[0]) % P, (a[1] + a[0]) * (b[1] + b[0]) % P
    t, z = 2 * a[3] * b[3] * D % P, 2 * a[2] * b[2] % P
    e, f, g, h = y - x, z - t, z + t, y + x
    return e * f % P, g * h % P, f * g % P, e * h % P


def point(data):
    number = int.from_bytes(data, "little")
    y, odd = (number & (2**255 - 1)) % P, number >> 255
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT % P
    if (v * x * x - u) % P:
        return None
    x = P - x if x & 1 != odd else x
    return x % P, y, 1, x * y % P


BASE = point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))


def signed(key, message, signature):
    """Whether the 64 bytes are this key's signature."""
    a, s = point(key), int.from_bytes(signature[32:], "little")
    if a is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    minus, r = (P - a[0], a[1], 1, P - a[3]), (0, 1, 1, 0)
    terms = [None, BASE, minus, add(BASE, minus)]
    for bit in range(252, -1, -1):  # s·BASE - k·a in one go
        r = add(r, r)
        term = terms[(s >> bit & 1) + 2 * (k >> bit & 1)]
        r = add(r, term) if term else r
    z = pow(r[2], P - 2, P)
    return (r[1] * z % P | (r[0] * z % P & 1) << 255).to_bytes(32, "little") == signature[:32]


# The tree of RFC 6962: a list of (number of leaves, root) of perfect subtrees, the largest first.
def sha256(*parts):
    return hashlib.sha256(b"".join(parts)).digest()


def grow(tree, leaf):
    tree.append((1, leaf))
    while len(tree) > 1 and tree[-1][0] == tree[-2][0]:
        (count, right), (_, left) = tree.pop(), tree.pop()
        tree.append((2 * count, sha256(b"\1", left, right)))


def root_of(tree):
    root = tree[-1][1] if tree else sha256()
    for _, left in reversed(tree[:-1]):
        root = sha256(b"\1", left, root)
    return root


def inclusion_root(leaf, index, size, proof):
    """The root that the proof leads to, or None if it has the wrong length: the path is walked from the top."""
    turns, start, end = [], 0, size
    while end - start > 1:
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        turns.append(index < middle)
        start, end = (start, middle) if index < middle else (middle, end)
    for is_left, other in zip(reversed(turns), proof):
        leaf = sha256(b"\1", leaf, other) if is_left else sha256(b"\1", other, leaf)
    return leaf if len(turns) == len(proof) else None


def consistency_roots(first, size, root, proof):
    """The roots of both sizes that the proof leads to, read as it was made: from the top, its last hash first."""
    rest = list(proof)

    def walk(start, end, known):
        if end == first:
            both = root if known else rest.pop()
            return both, both
        middle = start + (1 << (end - start - 1).bit_length() - 1)
        other = rest.pop()
        if first <= middle:
            old, new = walk(start, middle, known)
            return old, sha256(b"\1", new, other)
        old, new = walk(middle, end, False)
        return sha256(b"\1", other, old), sha256(b"\1", other, new)

    try:
        roots = walk(0, size, True)
    except IndexError:
        return None
    return None if rest else roots


# Signed notes.
def utf8(text):
    return re.sub("[\ud800-\udfff]", "\ufffd", text).encode()


def from_base64(text):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return data if text and base64.b64encode(data).decode() == text else None


def parse_key(text):
    match = re.fullmatch(f"([^{SPACE}+]+)\\+([0-9a-f]{{8}})\\+([^{SPACE}]+)", text)
    data = from_base64(match[3]) if match else None
    if not data or len(data) != 33 or data[0] != 1 or sha256(utf8(match[1]) + b"\n" + data)[:4].hex() != match[2]:
        raise ValueError("This is no Ed25519 verifier key, name+hash+base64.")
    return {"text": text, "name": match[1], "id": bytes.fromhex(match[2]), "public": data[1:]}


def open_note(note, keys, where):
    """The text, and those of the keys that have signed it: at least one."""
    text, middle, end = note.rpartition("\n\n")
    lines, signers = end[:-1].split("\n"), []
    need(middle and note.endswith("\n") and len(lines) <= 16, f"{where} is no signed note.")
    for line in lines:
        match = re.fullmatch(f"— ([^{SPACE}+]+) ([^{SPACE}]+)", line)
        data = from_base64(match[2]) if match else None
        need(data and len(data) >= 5, f"{where} has a malformed signature.")
        key = next((one for one in keys if one["name"] == match[1] and one["id"] == data[:4]), None)
        if key:
            right = len(data) == 68 and signed(key["public"], utf8(text + "\n"), data[4:])
            need(right, f"{where} has a wrong signature of {key['name']}.")
            signers.append(key)
    need(signers, f"{where} is signed by no key that is known.")
    return text + "\n", signers


def parse_checkpoint(text):
    match = re.fullmatch(f"([^{SPACE}]+)\n(0|[1-9][0-9]{{0,15}})\n([^{SPACE}]+)\n", text)
    root = from_base64(match[3]) if match else None
    if not root or len(root) != 32 or int(match[2]) >= 2**53:
        raise ValueError("no checkpoint")
    return match[1], int(match[2]), root


def open_checkpoint(note, keys, where):
    text, signers = open_note(note, keys, where)
    try:
        origin, size, root = parse_checkpoint(text)
    except ValueError:
        raise Tampered(f"{where} is no checkpoint.")
    own = [key for key in signers if key["name"] == origin]
    need(own, f"{where} is of another log.")
    return size, root, own


# JSON, and its fields.
def no_constant(name):
    raise ValueError(name)


def parse(data, where):
    depth = 0
    if data.count(b"[") + data.count(b"{") > 100:
        for match in re.finditer(rb'"(?:[^"\\]|\\.)*"?|[][{}]', data, re.S):
            depth += {b"[": 1, b"{": 1, b"]": -1, b"}": -1}.get(match[0], 0)
            need(depth <= 100, f"{where} is nested too deeply.")
    try:
        value = json.loads(data.decode(), parse_constant=no_constant,
                           parse_int=lambda digits: int(digits) if len(digits) < 20 else float(digits))
    except ValueError:
        value = None
    need(isinstance(value, dict), f"{where} is no JSON object.")
    return value


def integer(fields, name, where):
    value = fields.get(name)
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    need(is_number and 0 <= value < 2**53 and value == int(value), f"{where} has no valid {name}.")
    return int(value)


def string(fields, name, where):
    value = fields.get(name)
    need(isinstance(value, str) and not re.search("[\ud800-\udfff]", value), f"{where} has no valid {name}.")
    return value


def hashes(fields, name, where):
    value = fields.get(name)
    is_list = isinstance(value, list) and len(value) <= 128
    need(is_list and all(isinstance(one, str) and re.fullmatch("[0-9a-f]{64}", one) for one in value),
         f"{where} has no valid {name}.")
    return [bytes.fromhex(one) for one in value]


# The archive.
def header(name, length):
    fields = [name.encode().ljust(100, b"\0"), b"0000644\0" + 2 * b"0000000\0", b"%011o\0" % length, b"0" * 11 + b"\0",
              b" " * 8 + b"0", bytes(100), b"ustar\x0000", bytes(64), 2 * b"0000000\0", bytes(167)]
    block = b"".join(fields)
    return block[:148] + b"%06o\0 " % sum(block) + block[156:]


class Archive:
    """Files by their names; each byte outside them must be what the format says."""

    def __init__(self, file):
        self.file, self.places = file, {}
        self.end = file.seek(0, 2)
        if self.read(0, 100) != b"keys.jsonl".ljust(100, b"\0"):
            raise Unusable("This is no bundle of Pinlab.")
        offset = self.take("keys.jsonl", 0)
        offset = self.take("checkpoints.jsonl", offset)
        self.kind = "log" if self.read(offset, 100) == b"proof.json".ljust(100, b"\0") else "session"
        for name in FILES[self.kind][2:] + ["manifest.txt"]:
            offset = self.take(name, offset)
        need(self.read(offset, 1025) == bytes(1024), "The end of the archive was changed.")

    def read(self, offset, length):
        self.file.seek(offset)
        return self.file.read(length)

    def take(self, name, offset):
        block = self.read(offset, 512)
        size = re.fullmatch(rb"[0-7]{11}", block[124:135])
        length = int(size[0], 8) if size else 0
        need(block == header(name, length), f"The header of {name} was changed, or the file is missing.")
        padding = -length % 512
        need(offset + 512 + length + padding <= self.end, f"The archive ends in {name}.")
        need(self.read(offset + 512 + length, padding) == bytes(padding), f"The archive was changed behind {name}.")
        self.places[name] = (offset + 512, length)
        return offset + 512 + length + padding

    def pieces(self, name):
        offset, length = self.places[name]
        for at in range(0, length, 256 * 1024):
            yield self.read(offset + at, min(256 * 1024, length - at))

    def whole(self, name):
        need(self.places[name][1] <= LINE, f"{name} is too long.")
        return self.read(*self.places[name])

    def sha256(self, name):
        digest = hashlib.sha256()
        for piece in self.pieces(name):
            digest.update(piece)
        return digest.hexdigest()

    def lines(self, name, digest=None):
        rest = b""
        for piece in self.pieces(name):
            if digest:
                digest.update(piece)
            *whole, rest = (rest + piece).split(b"\n")
            need(max(map(len, [*whole, rest])) <= LINE, f"{name} has a line that is too long.")
            yield from whole
        need(not rest, f"{name} ends within a line.")


# The bundle.
def read_keys(archive, given):
    """All keys, those that the trusted one is connected to, and whether the newest is among them."""
    keys, vouched = [], []
    for number, line in enumerate(archive.lines("keys.jsonl")):
        where = f"Key {number + 1}"
        fields = parse(line, where)
        string(fields, "since", where)
        statement = fields.get("statement", "") if fields.get("statement", "") is None else string(fields, "statement", where)
        try:
            key = parse_key(string(fields, "key", where))
        except ValueError as error:
            raise Tampered(f"{where}: {error}")
        need(len(keys) < 1000 and key["text"] not in [one["text"] for one in keys], f"{where} is too many.")
        if statement is not None:
            need(keys, f"{where} names a key before the first.")
            text, signers = open_note(statement, [keys[-1], key], where)
            start = f"pinlab-audit-key/v1\n{keys[-1]['text']}\n{key['text']}\n"
            need(text.startswith(start) and re.fullmatch("[^\n]+\n", text[len(start):])
                 and keys[-1] in signers and key in signers, f"{where}: the two keys do not vouch for each other.")
        keys.append(key)
        vouched.append(statement is not None)
    need(keys, "There is no key.")
    at = next((n for n, key in enumerate(keys) if key["text"] == given), None) if given else len(keys) - 1
    need(at is not None, "The bundle does not know the key that you gave: another log, or it was signed again.")
    need(all(vouched[at + 1:]), "The key that you gave was replaced by one that it does not vouch for.")
    first = at
    while vouched[first]:
        first -= 1
    return keys, keys[first:], keys[at]


def read_manifest(archive, newest):
    where = "The manifest"
    try:
        note = archive.whole("manifest.txt").decode()
    except UnicodeDecodeError:
        raise Tampered(f"{where} is no text.")
    match = re.fullmatch("pinlab-audit-bundle/v1\n([^\n]+)\n\n— [^\n]+\n", note)
    need(match, f"{where} is no signed note.")
    open_note(note, [newest], where)
    fields = parse(match[1].encode(), where)
    for name in ["origin", "madeAt", "madeBy", "build"] + (["session"] if archive.kind == "session" else []):
        string(fields, name, where)
    first, last = integer(fields, "from", where), integer(fields, "to", where)
    need(fields.get("kind") == archive.kind and fields["origin"] == newest["name"] and 1 <= first <= last,
         f"{where} contradicts the bundle.")
    pruned, after = fields.get("pruned"), first - 1
    need(isinstance(pruned, list) and all(isinstance(one, list) and len(one) == 2 for one in pruned), f"{where}: pruned.")
    for start, end in pruned:
        start, end = (integer({"pruned": one}, "pruned", where) for one in (start, end))
        need(after < start <= end <= last, f"{where}: pruned.")
        after = end
    files, names = fields.get("files"), FILES[archive.kind]
    need(isinstance(files, dict) and sorted(files) == sorted(names), f"{where} does not name the files.")
    for name in names:
        need(isinstance(files[name], dict), f"{where} does not name the files.")
        integer(files[name], "byteLength", where), string(files[name], "sha256", where)
    return fields, int(first), int(last)


def check_file(archive, fields, name, sha256):
    named = fields["files"][name]
    need(archive.places[name][1] == named["byteLength"] and sha256 == named["sha256"], f"{name} was changed.")


def read_checkpoints(archive, keys, trusted):
    before = 0
    for line in archive.lines("checkpoints.jsonl"):
        where = f"The checkpoint after {before}"
        fields = parse(line, where)
        string(fields, "at", where)
        size, root, signers = open_checkpoint(string(fields, "note", where), keys, where)
        need(before < size == integer(fields, "size", where), f"{where} is out of order.")
        before = size
        yield size, root, any(key in trusted for key in signers)


def leaves(archive):
    for piece in archive.pieces("hashes.bin"):
        for at in range(0, len(piece), 32):
            yield piece[at:at + 32]


def prove_tree(archive, first, last, checkpoints, held):
    need(archive.places["hashes.bin"][1] == 32 * (last - first + 1), "hashes.bin has not one hash for each event.")
    lines = list(archive.lines("proof.json")) if archive.whole("proof.json") else []
    need(len(lines) == 1, "proof.json is not one line.")
    proof = parse(lines[0], "proof.json")
    need((integer(proof, "from", "proof.json"), integer(proof, "to", "proof.json")) == (first, last), "proof.json: range.")
    roots, size = hashes(proof, "frontier", "proof.json"), first - 1
    counts = [1 << bit for bit in range(size.bit_length() - 1, -1, -1) if size >> bit & 1]
    need(len(roots) == len(counts), "proof.json: frontier.")
    consistency = proof.get("consistency", "")
    if consistency is not None:
        need(isinstance(consistency, dict), "proof.json: consistency.")
        consistency = integer(consistency, "from", "proof.json"), hashes(consistency, "hashes", "proof.json")
    tree, done, following = list(zip(counts, roots)), 0, next(checkpoints, None)
    hash_of = leaves(archive)
    while True:
        if held and held[1] == size:
            need(root_of(tree) == held[2], f"The first {size} events are not those of the checkpoint that you hold.")
        if following and following[0] == size:
            need(root_of(tree) == following[1], f"The events up to {size} are not those that its checkpoint signs.")
            done, following = size if following[2] else done, next(checkpoints, None)
        leaf = next(hash_of, None)
        if leaf is None:
            break
        grow(tree, leaf)
        size += 1
    need(not following and done == last, "The checkpoints do not fit the events.")
    return root_of(tree), consistency


class Parts:
    def __init__(self, archive):
        self.lines = archive.lines("parts.jsonl")
        self.move()

    def move(self):
        line = next(self.lines, None)
        self.next = None if line is None else parse(line, "A part")

    def check(self, seq, event):
        after, where = -1, f"A part of event {seq}"
        while self.next and not isinstance(self.next.get("seq"), bool) and self.next.get("seq") == seq:
            part, n = self.next, integer(self.next, "n", where)
            of = part.get("of", "") if part.get("of", "") is None else string(part, "of", where)
            kind, salt = string(part, "kind", where), from_base64(string(part, "salt", where))
            known = event.get("parts")
            known = known[n] if isinstance(known, list) and n < len(known) else None
            need(n > after and salt and isinstance(known, dict) and known.get("kind") == kind and known.get("of", 0) == of
                 and known.get("sha256") == sha256(salt, utf8(string(part, "text", where))).hex(),
                 f"{where} is not what was recorded.")
            after = n
            self.move()


def prove_log_events(archive, fields, first):
    parts, count, digest = Parts(archive), 0, hashlib.sha256()
    lines, pruned, at = archive.lines("events.jsonl", digest), fields["pruned"], 0
    for seq, leaf in enumerate(leaves(archive), first):
        if at < len(pruned) and seq >= pruned[at][0]:
            at += seq == pruned[at][1]
            continue
        line = next(lines, None)
        need(line is not None, f"Event {seq} is missing.\nThe first bad event is {seq}.")
        need(sha256(b"\0", line) == leaf, f"Event {seq} was changed, or another stands in its place.\nThe first bad event is {seq}.")
        event = parse(line, f"Event {seq}")
        need(integer(event, "seq", f"Event {seq}") == seq, f"Event {seq} has another number.")
        parts.check(seq, event)
        count += 1
    need(next(lines, None) is None, "There are more events than there should be.")
    check_file(archive, fields, "events.jsonl", digest.hexdigest())
    need(parts.next is None, "There are parts of no event that is here.")
    return count


def prove_session_events(archive, fields, first, last, checkpoints):
    size, root, is_trusted = next(checkpoints, (0, b"", False))
    need(size == last and is_trusted and next(checkpoints, None) is None, "There is not the one checkpoint.")
    parts, count, before, digest = Parts(archive), 0, first - 1, hashlib.sha256()
    proofs = archive.lines("proofs.jsonl")
    for line in archive.lines("events.jsonl", digest):
        where = f"The event after {before}"
        event = parse(line, where)
        seq = integer(event, "seq", where)
        need(before < seq <= last and event.get("session") == fields["session"]
             and not any(start <= seq <= end for start, end in fields["pruned"]), f"Event {seq} does not belong here.")
        proof = parse(next(proofs, b""), f"The proof of event {seq}")
        path = hashes(proof, "hashes", "proofs.jsonl")
        need(integer(proof, "seq", "proofs.jsonl") == seq and inclusion_root(sha256(b"\0", line), seq - 1, last, path) == root,
             f"Event {seq} was changed.\nThe first bad event is {seq}.")
        parts.check(seq, event)
        before, count = seq, count + 1
    need(next(proofs, None) is None, "An event is missing: its proof is there.")
    check_file(archive, fields, "events.jsonl", digest.hexdigest())
    need(parts.next is None, "There are parts of no event that is here.")
    return count, root


def compare_held(kind, held, first, last, root, consistency):
    size = held[1]
    if size > last:
        raise Unusable(f"The checkpoint that you hold was made of {size} events, and the bundle ends at {last}: too short.")
    mismatch = f"The first {size} events are not those of the checkpoint that you hold."
    if kind == "session":
        if size < last:
            raise Unusable("A bundle of the whole log joins the checkpoint that you hold.")
        need(root == held[2], mismatch)
    elif size == 0:
        need(held[2] == sha256(), mismatch)
    elif size < first - 1:
        if not consistency or consistency[0] != size:
            raise Unusable(f"The bundle has no proof from {size} events. Export it with since={size}.")
        need(consistency_roots(size, last, held[2], consistency[1]) == (held[2], root), mismatch)


def verify(file, key=None, held=None):
    """`file` is open for reading bytes; returns what was proved, as text."""
    archive = Archive(file)
    keys, trusted, anchor = read_keys(archive, key)
    fields, first, last = read_manifest(archive, keys[-1])
    for name in FILES[archive.kind]:
        if name != "events.jsonl":
            check_file(archive, fields, name, archive.sha256(name))
    if held:
        open_checkpoint(held[3], keys, "Against the keys of the bundle, the checkpoint that you hold")
    checkpoints, consistency = read_checkpoints(archive, keys, trusted), None
    if archive.kind == "log":
        root, consistency = prove_tree(archive, first, last, checkpoints, held)
        count = prove_log_events(archive, fields, first)
    else:
        count, root = prove_session_events(archive, fields, first, last, checkpoints)
    if held:
        compare_held(archive.kind, held, first, last, root, consistency)
    about = f"{first} to {last}" if archive.kind == "log" else f"of the session {fields['session']}"
    return (f"PROVEN. {count} events, {about} of the log {fields['origin']}, are as they were recorded.\n"
            f"By the key {anchor['text']}" + ("" if key else ", which was compared with nothing: give --key or --since."))


def parse_held(data):
    if len(data) > 2**20:
        raise Unusable("The checkpoint that you hold is too long.")
    note = data.decode(errors="replace").rstrip(" \t\r\n") + "\n"
    try:
        return (*parse_checkpoint(note.rpartition("\n\n")[0] + "\n"), note)
    except ValueError:
        raise Unusable("The checkpoint that you hold is no signed note of a log.")


def judge(file, key=None, held=None):
    """The exit code and what to say."""
    try:
        return 0, verify(file, key, held)
    except Tampered as error:
        return 1, f"TAMPERED. {error}"
    except (Unusable, OSError) as error:
        return 2, f"CANNOT TELL. {error}"


def main(arguments):
    given, rest = {}, list(arguments)
    try:
        while rest:
            name = rest.pop(0) if rest[0] in ("--key", "--since") else "bundle"
            if not rest or name in given or name == "bundle" and rest[0].startswith("-"):
                raise Unusable(__doc__.splitlines()[0])
            given[name] = rest.pop(0)
        if "bundle" not in given:
            raise Unusable(__doc__.splitlines()[0])
        if "--key" in given:
            parse_key(given["--key"])
        held = None
        if "--since" in given:
            with open(given["--since"], "rb") as file:
                held = parse_held(file.read(2**20 + 1))
        with open(given["bundle"], "rb") as file:
            code, text = judge(file, given.get("--key"), held)
    except (Unusable, OSError, ValueError) as error:
        code, text = 2, f"CANNOT TELL. {error}"
    print(text, file=sys.stderr if code == 2 else sys.stdout)
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
