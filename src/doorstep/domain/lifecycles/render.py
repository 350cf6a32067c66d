"""A machine as a section of the documentation."""

from doorstep.domain.lifecycles.machine import Machine


def to_markdown(machine: Machine) -> str:
    """Return a heading, where a life starts and ends, and the table, one row a transition."""
    ends = ", ".join(f"`{state}`" for state in machine.states if state in machine.terminal)
    lines = [
        f"## {machine.name}",
        "",
        f"Starts as `{machine.initial}`. " + (f"Terminal: {ends}." if ends else "No state is terminal."),
        "",
        "| event | from | to | publishes |",
        "|---|---|---|---|",
        *(
            f"| {row.event} | {', '.join(row.sources)} | {row.target} | `{row.publishes}` |"
            for row in machine.transitions
        ),
    ]
    return "\n".join(lines) + "\n"
