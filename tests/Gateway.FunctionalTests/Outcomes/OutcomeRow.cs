using Xunit.Sdk;

namespace Gateway.FunctionalTests.Outcomes;

public enum Protocol
{
    Http1,
    Http2,
    WebSocket,
    GrpcUnary,
    GrpcStreaming,
    EventStream,
}

public enum Ending
{
    Ok,
    ClientError,
    ServerError,
    Refused,
    Timeout,
    ResetEarly,
    ResetMidBody,
    ClientGoneEarly,
    ClientGoneMidBody,
    ClientStalls,
    Drain,
}

/// <summary>One row of docs/outcomes.md and one test.</summary>
/// <param name="Protocol">The client's.</param>
/// <param name="Ending">What happens.</param>
/// <param name="Outcome">What the gateway takes it for, by name.</param>
/// <param name="Charge">What it costs unless configured: Full or Nothing.</param>
public sealed record OutcomeRow(Protocol Protocol, Ending Ending, string Outcome, string Charge) : IXunitSerializable
{
    public OutcomeRow()
        : this(default, default, "", "")
    {
    }

    private static readonly Dictionary<Ending, string> Words = new()
    {
        [Ending.Ok] = "answered, 2xx",
        [Ending.ClientError] = "answered, 4xx",
        [Ending.ServerError] = "answered, 5xx",
        [Ending.Refused] = "upstream refuses the connection",
        [Ending.Timeout] = "upstream is silent",
        [Ending.ResetEarly] = "upstream breaks off before headers",
        [Ending.ResetMidBody] = "upstream breaks off mid-body",
        [Ending.ClientGoneEarly] = "client leaves before headers",
        [Ending.ClientGoneMidBody] = "client leaves mid-body",
        [Ending.ClientStalls] = "client stops reading",
        [Ending.Drain] = "gateway stops, time is over",
    };

    /// <summary>Every protocol by every ending.</summary>
    public static IReadOnlyList<OutcomeRow> All { get; } =
        [.. from protocol in Enum.GetValues<Protocol>() from ending in Enum.GetValues<Ending>() select Row(protocol, ending)];

    public string Happens => Words[Ending];

    public string Speaks => Protocol switch
    {
        Protocol.Http1 => "HTTP/1.1",
        Protocol.Http2 => "HTTP/2",
        Protocol.GrpcUnary => "gRPC, unary",
        Protocol.GrpcStreaming => "gRPC, streaming",
        Protocol.EventStream => "server-sent events",
        _ => "WebSocket",
    };

    public void Deserialize(IXunitSerializationInfo info) => throw new NotSupportedException();

    public void Serialize(IXunitSerializationInfo info) => throw new NotSupportedException();

    public override string ToString() => $"{Protocol} {Ending}";

    // The expectation, written out by hand: it must not come from the code that is tested.
    private static OutcomeRow Row(Protocol protocol, Ending ending) => ending switch
    {
        Ending.Ok => new(protocol, ending, nameof(Model.Outcome.Answered), "Full"),
        Ending.ClientError or Ending.ServerError => new(protocol, ending, nameof(Model.Outcome.Answered), "Nothing"),
        Ending.Refused => new(protocol, ending, nameof(Model.Outcome.UpstreamRefused), "Nothing"),
        Ending.Timeout => new(protocol, ending, nameof(Model.Outcome.UpstreamTimeout), "Nothing"),
        Ending.ResetEarly => new(protocol, ending, nameof(Model.Outcome.UpstreamReset), "Nothing"),
        Ending.ResetMidBody => new(protocol, ending, nameof(Model.Outcome.UpstreamBroken), "Nothing"),
        Ending.ClientGoneEarly => new(protocol, ending, nameof(Model.Outcome.ClientGoneWaiting), "Full"),
        Ending.ClientStalls when protocol == Protocol.WebSocket => new(protocol, ending, nameof(Model.Outcome.Answered), "Full"), // has no end of its own
        Ending.ClientGoneMidBody or Ending.ClientStalls => new(protocol, ending, nameof(Model.Outcome.ClientGoneReading), "Full"),
        _ => new(protocol, ending, nameof(Model.Outcome.Draining), "Nothing"),
    };
}
