using System.Diagnostics;

namespace Gateway.Forwarding.Upstream;

/// <summary>Hands the trace on to the upstream the way the cluster's client is configured to.</summary>
internal static class TraceHeaders
{
    /// <summary>Known by the name under which .NET's own client makes spans: who listens to that wants them, and only it makes them.</summary>
    private static readonly ActivitySource Spans = new("System.Net.Http");

    /// <summary>False when somebody collects the spans of outgoing requests.</summary>
    public static bool TryAdd(HttpRequestMessage request, DistributedContextPropagator? propagator)
    {
        if (propagator is null) return true;
        if (Spans.HasListeners()) return false;
        if (Activity.Current is { } activity)
        {
            propagator.Inject(activity, request, static (carrier, name, value) =>
                ((HttpRequestMessage)carrier!).Headers.TryAddWithoutValidation(name, value));
        }

        return true;
    }
}
