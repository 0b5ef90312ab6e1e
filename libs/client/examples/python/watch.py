"""Says where an AOR is, and then each change, with nothing but Rollcall's protos: see README.md."""

import random
import sys
import time

import grpc
from google.rpc import error_details_pb2, status_pb2
from rollcall.location.v1 import location_service_pb2 as api
from rollcall.location.v1 import location_service_pb2_grpc as stubs


def reason_of(error: grpc.RpcError) -> str:
    """The reason of google.rpc.ErrorInfo, as docs/errors.md lists them; empty where there is none."""
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            for detail in status_pb2.Status.FromString(value).details:
                info = error_details_pb2.ErrorInfo()
                if detail.Unpack(info):
                    return info.reason
    return ""


def watch(service: stubs.LocationServiceStub, aor: str):
    """All events of an AOR, from stream to stream; None where the state is told anew."""
    token = ""
    while True:
        try:
            request = api.WatchRegistrationsRequest(aors=[aor], resume_token=token)
            for response in service.WatchRegistrations(request):
                yield from response.events
                token = response.resume_token
        except grpc.RpcError as error:
            if error.code() == grpc.StatusCode.INVALID_ARGUMENT:
                raise SystemExit(f"{reason_of(error)}: {error.details()}") from None
            if error.code() == grpc.StatusCode.OUT_OF_RANGE:
                token = ""
                yield None
        time.sleep(random.uniform(0.2, 1))


def main() -> None:
    aor = sys.argv[1] if len(sys.argv) > 1 else "sip:alice@example.com"
    target = sys.argv[2] if len(sys.argv) > 2 else "localhost:50053"
    # By default a channel waits for 20 s and more before it tries a server again that was away.
    pauses = {"initial": 200, "min": 500, "max": 2000}
    options = [(f"grpc.{name}_reconnect_backoff_ms", ms) for name, ms in pauses.items()]
    service = stubs.LocationServiceStub(grpc.insecure_channel(target, options))
    try:
        answer = service.GetRegistration(api.GetRegistrationRequest(aor=aor), timeout=5, wait_for_ready=True)
    except grpc.RpcError as error:
        raise SystemExit(f"{reason_of(error) or error.code().name}: {error.details()}") from None
    for binding in answer.registration.bindings:
        print(f"{aor} is at {binding.contact} for {binding.remaining.seconds} s", flush=True)
    if not answer.registration.bindings:
        print(f"{aor} is not registered", flush=True)
    for event in watch(service, aor):
        if event is None:
            print("starting over", flush=True)
        else:
            name = api.EventType.Name(event.type).removeprefix("EVENT_TYPE_").lower()
            print(name, event.aor, event.binding.contact or "all bindings", flush=True)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        pass
