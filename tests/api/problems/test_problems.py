"""Whatever goes wrong, the answer is a problem of the registry, and nothing inside is told."""

import json
from pathlib import Path

import pytest
from pydantic import BaseModel, ValidationError
from starlette.exceptions import HTTPException
from structlog.testing import capture_logs

from doorstep.api.problems import CODES, FIELD_CODES, ProblemError, problems_page
from doorstep.api.problems.codes import BY_STATUS
from doorstep.api.problems.documented import Problem
from doorstep.api.problems.faults import faults_of, pointer_of
from doorstep.domain.lifecycles import LIFECYCLES
from doorstep.foundation import ConflictError, InputError, InternalError, NotFoundError, UpstreamError
from tests.api.shell import client

PAGE = Path(__file__).parents[3] / "docs" / "reference" / "problems.md"
BASKET = {"lines": [{"quantity": 1}]}
JSON = {"content-type": "application/json"}


def illegal_step() -> ConflictError:
    with pytest.raises(ConflictError) as caught:
        LIFECYCLES["order"].step("cancelled", "place")
    return caught.value


@pytest.mark.parametrize(
    ("failure", "status", "code", "detail"),
    [
        (InputError("lines are empty."), 422, "invalid", "lines are empty."),
        (NotFoundError("order x does not exist."), 404, "not_found", "order x does not exist."),
        (ConflictError("it is paid."), 409, "conflict", "it is paid."),
        (ProblemError("gone", "It has expired."), 410, "gone", "It has expired."),
        (HTTPException(403, "no"), 403, "forbidden", "no"),
        (HTTPException(418, "tea"), 400, "bad_request", "tea"),
    ],
)
def test_an_error_becomes_a_problem_with_its_own_words(failure, status, code, detail):
    answer = client(failure=failure).post("/v1/orders/7", json=BASKET)
    assert answer.headers["content-type"] == "application/problem+json"
    assert (answer.status_code, answer.json()) == (
        status,
        {
            "type": f"urn:doorstep:problem:{code}",
            "title": CODES[code].title,
            "status": status,
            "detail": detail,
            "code": code,
            "request_id": "req_1",
        },
    )


@pytest.mark.parametrize(
    ("failure", "status", "code"),
    [
        (InternalError("secret"), 500, "internal"),
        (UpstreamError("secret"), 502, "upstream"),
        (RuntimeError("secret"), 500, "internal"),
        (HTTPException(500, "secret"), 500, "internal"),
    ],
)
def test_failures_of_ours_and_of_others_keep_their_text_for_the_log(failure, status, code):
    answer = client(failure=failure).post("/v1/orders/7", json=BASKET)
    assert (answer.status_code, answer.json()["code"]) == (status, code)
    assert "secret" not in answer.text
    assert answer.headers["x-request-id"] == "req_1"


def test_an_unexpected_exception_is_logged_with_its_traceback():
    with capture_logs() as lines:
        client(failure=RuntimeError("boom")).post("/v1/orders/7", json=BASKET)
    (line,) = [line for line in lines if line["event"] == "request failed"]
    assert str(line["exc_info"]) == "boom"


def test_a_hint_is_told():
    answer = client(failure=InputError("no.", hint="Maybe yes.")).post("/v1/orders/7", json=BASKET)
    assert answer.json()["hint"] == "Maybe yes."


def test_an_illegal_transition_names_state_event_and_what_is_allowed():
    problem = client(failure=illegal_step()).post("/v1/orders/7", json=BASKET).json()
    assert (problem["status"], problem["code"]) == (409, "illegal_transition")
    assert (problem["from"], problem["event"], problem["allowed"]) == ("cancelled", "place", [])


def test_every_fault_of_a_body_has_its_pointer():
    answer = client().post("/v1/orders/7", json={"lines": [{"quantity": 0}, {}, {"quantity": "1"}], "a/b~c": 1})
    assert answer.status_code == 422
    assert answer.json()["detail"] == "body/lines/0/quantity: must be greater than or equal to 1, and 3 more."
    assert [(fault["in"], fault["pointer"], fault["code"]) for fault in answer.json()["errors"]] == [
        ("body", "/lines/0/quantity", "out_of_range"),
        ("body", "/lines/1/quantity", "required"),
        ("body", "/lines/2/quantity", "wrong_type"),
        ("body", "/a~1b~0c", "unknown_field"),
    ]


def test_a_fault_of_a_parameter_names_the_query():
    (fault,) = client().get("/v1/orders/7?limit=0").json()["errors"]
    assert (fault["in"], fault["pointer"], fault["code"]) == ("query", "/limit", "out_of_range")


@pytest.mark.parametrize(
    ("content", "headers", "status", "code"),
    [
        (b"{", JSON, 400, "malformed_json"),
        (b"\xff", JSON, 400, "malformed_json"),
        (b"[" * 100_000, JSON, 400, "malformed_json"),
        (b"1" * 5_000, JSON, 400, "malformed_json"),
        (b"{}", {"content-type": "text/plain"}, 415, "unsupported_media_type"),
        (b"{}", {}, 415, "unsupported_media_type"),
        (b"", JSON, 422, "invalid"),
        (b"null", JSON, 422, "invalid"),
        (b"NaN", JSON, 422, "invalid"),
        (rb'{"lines": [{"quantity": 1, "\ud800": 1}]}', JSON, 422, "invalid"),
    ],
)
def test_a_body_that_cannot_be_read_has_a_code_of_its_own(content, headers, status, code):
    answer = client().post("/v1/orders/7", content=content, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_half_a_surrogate_pair_in_a_name_does_not_break_the_answer():
    failure = InputError("field '\ud800' is unknown.")
    assert client(failure=failure).post("/v1/orders/7", json=BASKET).json()["detail"] == "field '?' is unknown."


def test_an_unknown_path_is_not_found():
    assert client().get("/v1/nothing").json()["code"] == "not_found"


def test_a_wrong_method_is_told_all_that_are_allowed():
    answer = client().delete("/v1/orders/7")
    assert (answer.status_code, answer.json()["code"], answer.headers["allow"]) == (
        405,
        "method_not_allowed",
        "GET, POST",
    )


@pytest.mark.parametrize(("code", "name"), [("unauthenticated", "www-authenticate"), ("unavailable", "retry-after")])
def test_a_status_that_needs_a_header_has_it(code, name):
    assert client(failure=ProblemError(code, "no")).post("/v1/orders/7", json=BASKET).headers[name]


def test_an_answer_may_give_a_better_header():
    failure = ProblemError("unavailable", "no", headers={"Retry-After": "60"})
    assert client(failure=failure).post("/v1/orders/7", json=BASKET).headers["retry-after"] == "60"


@pytest.mark.parametrize(
    ("path", "pointer"), [([], ""), (["a", 0], "/a/0"), (["a/b", "c~d"], "/a~1b/c~0d"), ([""], "/")]
)
def test_pointers_are_written_as_in_rfc_6901(path, pointer):
    assert pointer_of(path) == pointer


def test_at_most_a_hundred_faults_are_told():
    class Numbers(BaseModel):
        numbers: list[int]

    with pytest.raises(ValidationError) as caught:
        Numbers.model_validate({"numbers": ["x"] * 500})
    assert len(faults_of(caught.value.errors())) == 100


def test_every_code_that_a_fault_can_have_is_documented():
    class Many(BaseModel, extra="forbid"):
        number: float
        text: str

    with pytest.raises(ValidationError) as caught:
        Many.model_validate({"number": "x", "text": 1, "more": 1})
    assert {fault.code for fault in faults_of(caught.value.errors())} <= set(FIELD_CODES)


def test_every_status_stands_for_a_code_of_that_status():
    assert [status for status, code in BY_STATUS.items() if CODES[code].status != status] == []


def test_a_problem_keeps_its_documented_schema():
    for failure in (illegal_step(), InputError("x", hint="y"), RuntimeError()):
        Problem.model_validate_json(client(failure=failure).post("/v1/orders/7", json=BASKET).content)
    Problem.model_validate_json(client().get("/v1/orders/7?limit=0").content)


def test_the_committed_reference_page_is_what_the_registry_says():
    assert PAGE.read_text(encoding="utf-8") == problems_page(), (
        "write it anew: python -m doorstep.api.problems > docs/reference/problems.md"
    )


def test_the_example_of_the_page_is_a_problem():
    example = problems_page().split("```json\n")[1].split("```")[0]
    assert Problem.model_validate(json.loads(example)).code == "invalid"
