using System.Diagnostics;

namespace Gateway.Forwarding;

/// <summary>
/// Puts the gateway's span into <c>traceparent</c> and leaves what else there is of tracing as the client sent it. The framework's own would write
/// <c>baggage</c> anew.
/// </summary>
internal sealed class TracePropagator : DistributedContextPropagator
{
    private static readonly DistributedContextPropagator W3C = CreateW3CPropagator();
    private static readonly string[] Written = ["traceparent", "tracestate"];

    public override IReadOnlyCollection<string> Fields => Written;

    public override void Inject(Activity? activity, object? carrier, PropagatorSetterCallback? setter)
    {
        if (setter is null || carrier is not HttpRequestMessage request) return;
        W3C.Inject(activity, carrier, (_, name, value) =>
        {
            if (!Written.Contains(name)) return;
            request.Headers.Remove(name);
            setter(carrier, name, value);
        });
    }

    public override void ExtractTraceIdAndState(object? carrier, PropagatorGetterCallback? getter, out string? traceId, out string? traceState) =>
        W3C.ExtractTraceIdAndState(carrier, getter, out traceId, out traceState);

    public override IEnumerable<KeyValuePair<string, string?>>? ExtractBaggage(object? carrier, PropagatorGetterCallback? getter) =>
        W3C.ExtractBaggage(carrier, getter);
}
