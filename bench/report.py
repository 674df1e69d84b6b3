"""Turning measurements into Markdown."""
import os
import platform
import re
from statistics import median


def machine():
    """One line: processor, cores, memory, kernel, load."""
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as file:
            model = re.search(r"model name\s*:\s*(.*)", file.read())
        with open("/proc/meminfo", encoding="utf-8") as file:
            memory = int(re.search(r"MemTotal:\s*(\d+)", file.read())[1]) // 2**20
    except (OSError, TypeError):
        model, memory = None, 0
    return (f"{model[1] if model else platform.machine()}, {os.cpu_count()} cores, {memory} GB memory, "
            f"{platform.system()} {platform.release()}, load {os.getloadavg()[0]:.1f} when started")


def ratios(times, baseline):
    """Pairs of the same repetition only: {repetition: value} against the same."""
    return [times[rep] / baseline[rep] for rep in times if rep in baseline]


def cell(times, baseline):
    """Median, and for all but the baseline the ratio with its spread."""
    if not times:
        return "–"
    middle = f"{median(times.values()):,.0f}"
    if times is baseline:
        return middle
    found = ratios(times, baseline)
    if len(found) == 1:
        return f"{middle}; **{found[0]:.2f}**"
    return f"{middle}; **{median(found):.2f}** ({min(found):.2f}..{max(found):.2f})"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "| --- |" + " ---: |" * (len(header) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines) + "\n"


def goal_row(title, found, wanted, form="{:.2f}", higher=False):
    """A missing measurement is said to be missing, never passed over."""
    sign = "≥" if higher else "≤"
    if found is None:
        return [title, f"{sign} {form.format(wanted)}", "not measured", "–"]
    # Compared as printed: 1.0302 meets 1.03.
    shown = float(form.format(found).replace(",", ""))
    met = shown >= wanted if higher else shown <= wanted
    return [title, f"{sign} {form.format(wanted)}", form.format(found), "met" if met else "**missed**"]
