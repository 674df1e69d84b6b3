"""The server under measurement: its settings, one psql session, its CPU clock."""
import os
import subprocess
import time

MARK = "\x01done"


def settings(rows):
    """What the timing needs to mean something; memory grows with the rows."""
    gigabytes = max(1, -(-rows * 400 // 10**9))
    return {
        "shared_buffers": f"{gigabytes}GB",
        "work_mem": f"{max(1, min(4, gigabytes))}GB",
        "maintenance_work_mem": f"{max(1, min(4, gigabytes))}GB",
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "wal_level": "minimal",
        "max_wal_senders": "0",
        "max_wal_size": "20GB",
        "checkpoint_timeout": "1h",
        "autovacuum": "off",
        "jit": "off",
        "synchronize_seqscans": "off",
        "max_parallel_workers_per_gather": "0",
        "max_parallel_maintenance_workers": "0",
    }


class Server:
    """The throw-away server that test/with-server started."""

    def __init__(self):
        self.tmp = os.environ["CREDIT_TMP"]
        self.as_server = os.environ.get("CREDIT_AS", "").split()
        self.bin = os.path.dirname(os.environ["PG_CONFIG"])
        self.data = f"{self.tmp}/data"
        # Files that the server reads and writes for COPY.
        self.files = f"{self.tmp}/bench"
        self.run("mkdir", "-p", self.files)
        os.chmod(self.files, 0o777)

    def run(self, *command, **options):
        """A command as the server's user; its output is shown only if it fails."""
        done = subprocess.run([*self.as_server, *command], text=True, cwd="/",
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, **options)
        if done.returncode:
            raise SystemExit(f"{' '.join(command)}: status {done.returncode}\n{done.stdout}")
        return done.stdout

    def pg_ctl(self, *words):
        # -l: the server must not inherit the pipe that run() reads to its end.
        return self.run(f"{self.bin}/pg_ctl", "-D", self.data, "-l", f"{self.files}/log", "-w", *words)

    def configure(self, wanted):
        with Session() as session:
            for name, value in wanted.items():
                session.ask(f"alter system set {name} = '{value}';")
        self.pg_ctl("restart")


class Session:
    """psql as a coprocess: one backend, statements one by one."""

    def __init__(self):
        self.psql = subprocess.Popen(
            ["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"], text=True, bufsize=1,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.pid = int(self.ask("select pg_backend_pid();"))
        self.clock_file = f"/proc/{self.pid}/schedstat"
        try:
            self.cpu_clock()
            self.clock, self.clock_name = self.cpu_clock, "CPU time of the backend"
        except (OSError, ValueError, IndexError):
            self.clock, self.clock_name = time.perf_counter_ns, "wall time (no access to the backend's CPU clock)"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.psql.stdin.close()
        self.psql.wait()

    def cpu_clock(self):
        """Nanoseconds that the backend has been on a CPU, user and system."""
        with open(self.clock_file, encoding="ascii") as file:
            return int(file.read().split()[0])

    def ask(self, sql):
        """Runs statements, returns what they print without the last newline."""
        try:
            self.psql.stdin.write(f"{sql}\n\\echo {MARK}\n")
            self.psql.stdin.flush()
        except BrokenPipeError:
            pass
        lines = []
        for line in self.psql.stdout:
            line = line.rstrip("\n")
            if line == MARK:
                return "\n".join(lines)
            lines.append(line)
        raise SystemExit(f"psql stopped at: {sql}")

    def timed(self, sql):
        """(nanoseconds, output) of one statement."""
        before = self.clock()
        output = self.ask(sql)
        return self.clock() - before, output
