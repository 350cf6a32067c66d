"""The application as a whole: the service endpoints and the OpenAPI document."""

import re

import pytest

from doorstep.api.openapi import TAGS, node, operations
from tests.api.shell import NOW, application, client


def test_it_is_alive_and_ready():
    shell = client(parts={"database": True, "writer": True})
    assert shell.get("/healthz").json() == {"status": "ok"}
    assert shell.get("/readyz").json() == {"status": "ready", "parts": {"database": True, "writer": True}}


def test_it_is_not_ready_while_a_part_is_not():
    answer = client(parts={"database": True, "writer": False}).get("/readyz")
    assert (answer.status_code, answer.json()["detail"]) == (503, "Not ready: writer.")
    assert answer.headers["retry-after"] == "5"


def test_an_endpoint_finds_the_platform():
    assert client().get("/v1/orders/7").json() == NOW


def test_the_threads_are_as_many_as_the_settings_say():
    with client(worker_threads=3) as shell:
        assert shell.get("/readyz").status_code == 200


def document():
    return client().get("/openapi.json").json()


def test_the_document_is_openapi_3_1_with_server_tags_and_security():
    found = document()
    assert found["openapi"] == "3.1.0"
    assert found["servers"] == [{"url": "http://127.0.0.1:8000"}]
    assert [tag["name"] for tag in found["tags"]] == list(TAGS)
    assert set(found["components"]["securitySchemes"]) == {"api_key", "session"}
    assert found["paths"]["/v1/orders/{order_id}"]["get"]["security"] == [{"api_key": []}, {"session": []}]
    assert "security" not in found["paths"]["/healthz"]["get"]


def test_every_endpoint_declares_the_problems_of_the_shell():
    for path, _, operation in operations(document()):
        expected = {"400", "429", "500", "503"}
        expected |= {"401", "403"} if path.startswith("/v1/") else set()
        expected |= {"413", "415", "422"} if "requestBody" in operation else set()
        assert expected <= set(node(operation, "responses")), path


def test_its_own_problems_join_those_of_the_shell():
    responses = document()["paths"]["/v1/orders/{order_id}"]["post"]["responses"]
    assert responses["400"]["x-problem-codes"] == ["bad_request", "unknown_host", "malformed_json", "bad_cursor"]
    assert responses["404"]["x-problem-codes"] == ["not_found"]


def test_every_problem_is_documented_as_problem_json():
    for _, _, operation in operations(document()):
        responses = node(operation, "responses")
        for status in responses:
            if status >= "4":
                content = node(node(responses, status), "content")
                assert content == {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


def test_every_reference_leads_somewhere():
    text = client().get("/openapi.json").text
    names = set(re.findall(r'"#/components/schemas/([^"]+)"', text))
    assert names <= set(document()["components"]["schemas"])
    assert "HTTPValidationError" not in text


def test_the_names_of_operations_are_those_of_functions():
    names = [operation["operationId"] for _, _, operation in operations(document())]
    assert names == ["is_alive", "is_ready", "figures", "put_basket", "tell_time"]


def test_the_page_of_endpoints_loads_nothing_from_elsewhere_and_runs_nothing():
    page = client().get("/docs")
    assert page.headers["content-type"] == "text/html; charset=utf-8"
    assert "/v1/orders/{order_id}" in page.text
    assert "400 bad_cursor" in page.text
    assert "<script" not in page.text
    assert "style=" not in page.text
    assert set(re.findall(r'(?:src|href)="([^"]+)"', page.text)) == {
        "/docs/endpoints.css",
        "/openapi.json",
        "#orders",
        "#service",
    }


def test_the_style_of_the_page_is_served():
    answer = client().get("/docs/endpoints.css")
    assert answer.headers["content-type"] == "text/css; charset=utf-8"


@pytest.mark.parametrize("path", ["/docs/oauth2-redirect", "/redoc"])
def test_no_page_with_scripts_of_others_is_served(path):
    assert client().get(path).status_code == 404


def test_two_applications_do_not_share_their_figures():
    application()
    application()
