"""The OpenAPI description, completed: an example on every schema, headers that all routes share."""

from typing import Any

from fastapi import FastAPI

Json = dict[str, Any]

_RATE_HEADERS: Json = {
    "X-RateLimit-Limit": {
        "description": "Requests a minute that the organization may send.",
        "schema": {"type": "integer"},
        "example": 60,
    },
    "X-RateLimit-Remaining": {
        "description": "How many of them are left.",
        "schema": {"type": "integer"},
        "example": 59,
    },
    "X-RateLimit-Reset": {
        "description": "When a full allowance begins, in UTC epoch seconds.",
        "schema": {"type": "integer"},
        "example": 1772463660,
    },
}
_RETRY_AFTER: Json = {
    "Retry-After": {
        "description": "Seconds after which to try again.",
        "schema": {"type": "integer"},
        "example": 1,
    }
}
_IDEMPOTENCY_KEY: Json = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "The same key with the same request within 24 hours is done only once.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 255, "pattern": "^[!-~]+$"},
    "example": "5f0c7d3e",
}


def describe(app: FastAPI) -> Json:
    """The finished description, made once."""
    if app.openapi_schema is None:
        document = FastAPI.openapi(app)
        schemas: Json = document.get("components", {}).get("schemas", {})
        for schema in schemas.values():
            for each in schema.get("examples", []):
                _fill(each, schema, schemas)
        for schema in schemas.values():
            if schema.get("type") == "object" and "examples" not in schema:
                schema["examples"] = [_example(schema, schemas)]
        for path in document["paths"].values():
            for method, operation in path.items():
                _complete(method, operation)
        app.openapi_schema = document
    return app.openapi_schema or {}


def _complete(method: str, operation: Json) -> None:
    responses: Json = operation["responses"]
    for status in ("429", "503"):
        if status in responses:
            responses[status].setdefault("headers", {}).update(_RETRY_AFTER)
    if "security" not in operation:
        return
    for status, response in responses.items():
        if status.startswith("2") or status == "429":
            response.setdefault("headers", {}).update(_RATE_HEADERS)
    if method == "post":
        operation.setdefault("parameters", []).append(_IDEMPOTENCY_KEY)


def _fill(example: Any, schema: Json, schemas: Json) -> None:
    """Add what is required: FastAPI leaves every null out of the document."""
    if not isinstance(example, dict):
        return
    for name in schema.get("required", []):
        part: Json = schema["properties"][name]
        nullable = {"type": "null"} in part.get("anyOf", [])
        example.setdefault(name, None if nullable else _example(part, schemas))


def _example(schema: Json, schemas: Json) -> Any:
    """A value that ``schema`` allows, from the examples of its parts."""
    if "$ref" in schema:
        return _example(schemas[schema["$ref"].rpartition("/")[2]], schemas)
    for name in ("const", "default", "example"):
        if name in schema:
            return schema[name]
    if schema.get("examples"):
        return schema["examples"][0]
    if "enum" in schema:
        return schema["enum"][0]
    for name in ("anyOf", "oneOf", "allOf"):
        if name in schema:
            return _example(schema[name][0], schemas)
    match schema.get("type"):
        case "object":
            properties: Json = schema.get("properties", {})
            return {name: _example(each, schemas) for name, each in properties.items()}
        case "array":
            return [_example(schema.get("items", {}), schemas)]
        case "integer" | "number":
            return schema.get("minimum", 1)
        case "boolean":
            return True
        case "string":
            return _TEXT.get(str(schema.get("format")), "text")
        case _:
            return None


_TEXT = {
    "uuid": "0190f3a2-7c1e-7d3a-9b52-3f1f6a1c0d11",
    "date-time": "2026-03-02T15:00:00.000Z",
}
