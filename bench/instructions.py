"""Instruction counts: the same statements in a single-user backend under callgrind.

callgrind writes one profile per statement (before each call of pg_parse_query,
which the server makes once per statement).  Each statement runs on two tables;
the difference of the counts divided by the difference of the rows leaves out
parsing, planning and start.  No noise, but nothing is said about cache misses.
"""
import glob
import os
import re
import shutil

SMALL, LARGE = 1_000, 101_000


def statements(operation, variant, names):
    """[(statement, is it the measured one)], each on one line."""
    out = [(part.strip() + ";", False) for part in
           (operation.setup() + operation.text(operation.before, variant, names)).split(";") if part.strip()]
    out.append((operation.text(operation.timed, variant, names), True))
    if operation.after:
        out.append((operation.after, False))
    return out + [("reset all;", False)]


def total(path):
    with open(path, encoding="utf-8") as file:
        for line in file:
            if line.startswith(("totals:", "summary:")):
                return int(line.split()[1])
    raise SystemExit(f"{path}: no total")


def run_backend(server, lines, directory):
    """One profile per line, in order."""
    if not shutil.which("valgrind"):
        raise SystemExit("bench: valgrind is not installed (Debian package valgrind)")
    shutil.rmtree(directory, ignore_errors=True)
    os.makedirs(directory)
    os.chmod(directory, 0o777)
    server.pg_ctl("stop")
    output = server.run(
        "valgrind", "--tool=callgrind", "--dump-before=pg_parse_query",
        f"--callgrind-out-file={directory}/profile", f"{server.bin}/postgres", "--single",
        "-D", server.data, "-c", "exit_on_error=on", "postgres", input="\n".join(lines) + "\n")
    server.pg_ctl("start")
    if re.search(r"\b(ERROR|FATAL|PANIC):", output):
        raise SystemExit(output)
    # profile.1 ends before the first statement; the last statement runs to the
    # end of the process, so a closing one is added by the caller.
    found = len(glob.glob(f"{directory}/profile.*"))
    if found < len(lines):
        raise SystemExit(f"bench: {len(lines)} statements but {found} profiles\n{output}")
    return [f"{directory}/profile.{n + 2}" for n in range(len(lines) - 1)]


def measure(server, operations, variants, names_of, directory):
    """{operation key: {variant key: {0: instructions per row or probe}}}; leaves
    the profile of each statement on the large table in the directory."""
    lines, wanted = ["set work_mem = '1GB';"], []
    for variant in variants:
        for operation in (o for o in operations if o.applies(variant)):
            at = {}
            # The small table twice: the first run fills the backend's caches.
            for rows in (SMALL, SMALL, LARGE):
                for line, measured in statements(operation, variant, names_of(variant, rows)):
                    if measured:
                        at[rows] = len(lines)
                    lines.append(line)
            wanted.append((operation, variant, at))
    lines.append("select 1;")
    profiles = run_backend(server, lines, f"{server.files}/profiles")
    os.makedirs(directory, exist_ok=True)
    result = {operation.key: {} for operation in operations}
    for operation, variant, at in wanted:
        shutil.copyfile(profiles[at[LARGE]], f"{directory}/{operation.key}-{variant.key}")
        rows = (LARGE - SMALL) // variant.share // (10 if operation.per == "probes" else 1)
        spent = total(profiles[at[LARGE]]) - total(profiles[at[SMALL]])
        result[operation.key][variant.key] = {0: spent / rows}
    return result
