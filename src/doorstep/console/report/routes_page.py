"""The report of routes alone: totals, map, density, routes and what is left out, as one HTML file."""

from dataclasses import replace

from doorstep import __version__
from doorstep.connectors.routes_folder import Comparison, SolvedRoutes
from doorstep.connectors.routes_folder.document import units
from doorstep.console import words as w
from doorstep.console.report.headline import Tile
from doorstep.console.report.page import embedded_json, environment, map_json, own_files
from doorstep.console.report.routes_map import read_route_map
from doorstep.console.report.tables import Entry, Heading, Table, table_of
from doorstep.console.route_words import RouteWords


def render_routes(solved: SolvedRoutes) -> str:
    """Return the report of routes as one HTML file that loads nothing from anywhere."""
    city = read_route_map(solved)
    problem, file = solved.file.problem, solved.file
    fleet = w.many(int(problem.vehicles.count.sum()), "vehicle")
    size = f"{w.many(len(problem.stops), 'stop')} · {fleet} · {w.many(len(problem.depots), 'depot')}"
    return environment().get_template("routes.html.j2").render(
        title=f"Routes of {file.name}",
        version=__version__,
        subtitle=f"{file.family} · {size}",
        sentences=headline(solved),
        tiles=_tiles(solved),
        city=city,
        density=_density(solved),
        unserved=_unserved(solved),
        routes=_routes(solved),
        notes=_notes(solved),
        map_json=embedded_json(map_json(city, "") if city else None),
        **own_files(),
    )  # fmt: skip


def headline(solved: SolvedRoutes) -> tuple[str, ...]:
    """Return the plan in sentences: who is served, at what cost, and how that stands to what is known."""
    words = RouteWords.of(solved.file)
    lines = [_served(solved)]
    if solved.missing:
        lines.append(
            f"{w.many(solved.missing, 'stop')} must be served and {'is' if solved.missing == 1 else 'are'} not."
        )
    other = solved.comparison
    if other is not None and other.vehicles:
        lines.append(_vehicles_first(solved, other))
    elif other is not None and solved.gap is not None:
        more = "more" if solved.gap >= 0 else "less"
        lines.append(
            f"That is {100 * abs(solved.gap):.2f}{w.NBSP}% {more} than {other.source}, {words.money(other.cost)}."
        )
    elif other is not None:
        lines.append(f"For comparison: {other.source} costs {words.money(other.cost)}.")
    if solved.search.interrupted:
        lines.append("The search was interrupted: this is the best plan found until then.")
    return tuple(lines)


def _served(solved: SolvedRoutes) -> str:
    total, served = len(solved.file.problem.stops), len(solved.plan.served())
    if not total:
        return "There are no stops."
    which = "The only stop is" if served == total == 1 else f"All {w.many(total, 'stop')} are"
    if served < total:
        which = f"{w.count(served)} of {w.many(total, 'stop')} {'is' if served == 1 else 'are'}"
    routes, cost = w.many(len(solved.plan.routes), "route"), RouteWords.of(solved.file).money(solved.objective)
    return f"{which} served on {routes}, at a cost of {cost}."


def _vehicles_first(solved: SolvedRoutes, other: Comparison) -> str:
    """Return how a plan stands to another where vehicles count first, and beside them the rest of the cost."""
    words = RouteWords.of(solved.file)
    fixed = solved.file.problem.vehicles.fixed_minor[:1].sum()
    theirs = words.money(other.cost - other.vehicles * int(fixed))
    ours = f"{w.count(len(solved.plan.routes))}, and {words.money(solved.cost_beside_vehicles)} beside them"
    return f"Vehicles count first: {ours}; {other.source} has {w.count(other.vehicles)} and {theirs}."


def _tiles(solved: SolvedRoutes) -> tuple[Tile, ...]:
    words, problem, plan = RouteWords.of(solved.file), solved.file.problem, solved.plan
    driven = sum(route.metres(problem) for route in plan.routes)
    lasted = sum(route.end_at - route.start_at for route in plan.routes)
    figures = (
        ("Cost", words.money(solved.objective), f"{words.money(solved.routes_cost)} of it routes",
         "What the routes cost, and the prizes of what is left out."),
        ("Routes", w.count(len(plan.routes)), f"of {w.many(int(problem.vehicles.count.sum()), 'vehicle')}",
         "Shifts of vehicles."),
        ("Stops served", w.count(len(plan.served())), f"of {w.many(len(problem.stops), 'stop')}", "Stops on routes."),
        ("Distance", words.distance(driven), "driven by all", "By the roads of the problem."),
        ("Time", words.duration(lasted), "from loading to return", "Time on the road, at stops and waiting."),
    )  # fmt: skip
    return tuple(Tile(label=label, value=value, note=note, definition=text) for label, value, note, text in figures)


def _density(solved: SolvedRoutes) -> Table:
    headings = (Heading(text="Measure", number=False), Heading(text="Value"), Heading(text="Meaning", number=False))
    rows = [
        (_text(m.label), Entry(text=m.text, key=-1.0 if m.value is None else m.value), _text(m.definition))
        for m in solved.measures
    ]
    return table_of("Density of the plan", headings, rows, "plan.json")


def _unserved(solved: SolvedRoutes) -> Table:
    words, stops = RouteWords.of(solved.file), solved.file.problem.stops
    headings = (
        Heading(text="Stop", number=False),
        Heading(text="Prize", definition="What it costs that the stop is not served; a dash where it must be."),
        Heading(text="Reason", number=False),
        Heading(text="In words", number=False),
    )
    rows = []
    for left in solved.unserved:
        prize = int(stops.prize_minor[left.stop])
        rows.append((
            _text(solved.file.stop_ids[left.stop]),
            Entry(text=words.money(prize) if prize >= 0 else "–", key=prize),
            _text(w.plain(left.reason)),
            _text(left.text),
        ))  # fmt: skip
    return table_of(w.many(len(rows), "unserved stop"), headings, rows, "plan.json")


def _routes(solved: SolvedRoutes) -> Table:
    words, problem, file = RouteWords.of(solved.file), solved.file.problem, solved.file
    headings = (
        Heading(text="Route", number=False),
        Heading(text="Type", definition="Vehicle type, counted from 0."),
        Heading(text="Depot", number=False),
        Heading(text="Leaves", definition="When the first loading begins."),
        Heading(text="Back"),
        Heading(text="Stops"),
        Heading(text="Trips"),
        Heading(text="Driven"),
        Heading(text="Lasts"),
        Heading(text="Cost"),
    )
    rows = []
    for number, route in enumerate(solved.plan.routes, start=1):
        metres, lasts, cost = route.metres(problem), route.end_at - route.start_at, route.cost_minor(problem)
        rows.append((
            Entry(text=str(number), key=number),
            Entry(text=str(route.vehicle), key=route.vehicle),
            _text(file.depot_ids[int(problem.vehicles.start[route.vehicle])]),
            Entry(text=words.moment(route.start_at), key=route.start_at),
            Entry(text=words.moment(route.end_at), key=route.end_at),
            Entry(text=w.count(len(route.stops)), key=len(route.stops)),
            Entry(text=w.count(len(route.trips)), key=len(route.trips)),
            Entry(text=words.distance(metres), key=metres),
            Entry(text=words.duration(lasts), key=lasts),
            Entry(text=words.money(cost), key=cost),
        ))  # fmt: skip
    return replace(table_of(w.many(len(rows), "route"), headings, rows, "plan.json"), links_routes=True)


def _notes(solved: SolvedRoutes) -> tuple[str, ...]:
    """Return how the plan was found and what its numbers are, a sentence each."""
    search, file = solved.search, solved.file
    told = ", ".join(f"{kind} in {text}" for kind, text in units(file).items())
    published = "" if file.instance is None else " Costs on this page are in units of the published cost."
    repeat = "The same call repeats it to the digit." if search.repeats else (
        "A search by seconds or cut short does not repeat exactly; one by iterations does.")  # fmt: skip
    return (
        f"Engine {search.engine}: {search.why}.",
        f"Seed {search.seed}, {w.count(search.iterations)} iterations in {search.cpu_s:.1f} CPU seconds. {repeat}",
        f"plan.json has {told}.{published}",
        "Every route was recomputed from the problem alone before it was written: no rule is broken.",
        *file.warnings,
    )


def _text(value: str) -> Entry:
    return Entry(text=value, key=value)
