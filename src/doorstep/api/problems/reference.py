"""The reference page of all problems, written by the registry itself."""

from doorstep.api.problems.codes import CODES, FIELD_CODES, type_of

INTRODUCTION = f"""# Problems

<!-- Written by `python -m doorstep.api.problems`: change src/doorstep/api/problems/codes.py, not this page. -->

A request that is not carried out is answered with `application/problem+json` (RFC 9457):

```json
{{
  "type": "{type_of("invalid")}",
  "title": "{CODES["invalid"].title}",
  "status": 422,
  "detail": "body/lines/0/quantity: must be greater than or equal to 1.",
  "code": "invalid",
  "request_id": "req_5f0c",
  "errors": [
    {{"in": "body", "pointer": "/lines/0/quantity", "code": "out_of_range",
      "detail": "must be greater than or equal to 1"}}
  ]
}}
```

Branch on `code`: codes never change their meaning, and new ones may come. `title`, `detail` and `hint` are for people.
`request_id` is also in the header `X-Request-Id`, and names the request in the logs. `hint` and `errors` are there
where they help; `illegal_transition` adds `from`, `event` and `allowed`.
"""


def problems_page() -> str:
    """Return docs/reference/problems.md."""
    kinds = "".join(
        f"| {kind.status} | `{code}` | {kind.title} | {kind.when} |\n"
        for code, kind in sorted(CODES.items(), key=lambda item: item[1].status)
    )
    faults = "".join(f"| `{code}` | {meaning} |\n" for code, meaning in FIELD_CODES.items())
    return (
        f"{INTRODUCTION}\n| status | code | title | when |\n|---|---|---|---|\n{kinds}\n"
        f"Codes of the single faults in `errors`:\n\n| code | meaning |\n|---|---|\n{faults}"
    )
