"""The reference page of all endpoints, written by the OpenAPI document: ``python -m doorstep.api.endpoints``."""

import sys
from collections.abc import Iterator

from fastapi import FastAPI

from doorstep.api.build import ROUTERS
from doorstep.api.openapi import SCOPE_FIELD, TAGS, Node, node, openapi_of, operations
from doorstep.api.problems.documented import ANYWHERE, CODES_FIELD, WITH_BODY, WITH_CALLER, WITH_INPUT

INTRODUCTION = """# Endpoints

<!-- Written by `python -m doorstep.api.endpoints`: change src/doorstep/api/v1, not this page. -->

The whole truth is `/openapi.json`, and `/docs` shows it to people; here is the list.

- **Who asks.** `Authorization: Bearer ds_live_...`; the key needs the scope of the endpoint, or `admin`. People use the
  cookie of their session, and send the header `X-CSRF-Token` with whatever changes something:
  [sign in](../how-to/sign-in.md). The scope `session` is any signed-in person's, `none` everybody's.
- **Once.** Whatever acts takes an `Idempotency-Key`. The same key and body give the first reply again, with
  `Idempotency-Replayed: true`; another body is `idempotency_key_reused`. A reply that said no is not kept: the request
  is tried again. Secrets are told once: a repetition shows an empty text in their place.
- **Versions.** What can change has an `ETag`. A change may name it in `If-Match`; replacing and deleting reference rows
  must. Reads take `If-None-Match`.
- **Pages.** `limit` and `cursor`; `next_cursor` in the reply, or the `Link` header, leads on. Lists with the newest
  first show nothing twice while new things come.
- **Orders under the caller's own name.** `PUT /v1/orders/external/{external_id}` with the same contents is 200 and
  shows the order as it stands; with other contents it is `duplicate` (409) and changes nothing. Cancel the order and
  order under another name.
- **Rows of many.** `orders:bulk` and `adjustments:bulk` answer 200 and tell the fate of each row.

`codes` are the problems of the endpoint's own. Besides these every endpoint knows {anywhere}; {caller} where somebody
must ask; {input} where there are parameters or a body; {body} where there is a body. All of them stand in
[problems](problems.md).
"""


def endpoints_page() -> str:
    """Return docs/reference/api.md."""
    app = FastAPI(generate_unique_id_function=lambda route: route.name)
    for router in ROUTERS:
        app.include_router(router)
    document = openapi_of(app, server="")()
    families = {"anywhere": ANYWHERE, "caller": WITH_CALLER, "input": WITH_INPUT, "body": WITH_BODY}
    told = {name: ", ".join(f"`{code}`" for code in codes) for name, codes in families.items()}
    return INTRODUCTION.replace("{external_id}", "\0").format(**told).replace("\0", "{external_id}") + "".join(
        _tables(document)
    )


def _tables(document: Node) -> Iterator[str]:
    shell = {*ANYWHERE, *WITH_CALLER, *WITH_INPUT, *WITH_BODY}
    for tag, text in TAGS.items():
        rows = [_row(path, method, operation, shell) for path, method, operation in operations(document)
                if tag in _words(operation.get("tags"))]  # fmt: skip
        if rows:
            head = "| method | path | scope | what it does | answers | codes |\n|---|---|---|---|---|---|\n"
            yield f"\n## {tag.capitalize()}\n\n{text}\n\n{head}{''.join(rows)}"


def _row(path: str, method: str, operation: Node, shell: set[str]) -> str:
    responses = node(operation, "responses")
    good = " ".join(status for status in responses if status < "4")
    codes = [
        code
        for status in responses
        if status >= "4"
        for code in _words(node(responses, status).get(CODES_FIELD))
        if code not in shell
    ]
    does = str(operation.get("description", "")).partition("\n")[0]
    told = " ".join(f"`{code}`" for code in codes)
    return f"| {method.upper()} | `{path}` | `{operation[SCOPE_FIELD]}` | {does} | {good} | {told} |\n"


def _words(value: object) -> list[str]:
    return [str(word) for word in value] if isinstance(value, list) else []


if __name__ == "__main__":
    sys.stdout.write(endpoints_page())
