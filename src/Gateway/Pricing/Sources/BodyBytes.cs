using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>Bytes of the request's body, without HTTP's own framing.</summary>
internal sealed class RequestBytes(decimal multiply) : IMetricSource
{
    public string Name => "RequestBytes";

    public string Origin => $"bytes of the request's body{MicroUnit.Times(multiply)}";

    public bool Grows => true;

    public long? MicroUnits(in Measurement measured) => MicroUnit.OfCounted(measured.RequestBytes, multiply);
}

/// <summary>Bytes of the answer's body, without HTTP's own framing.</summary>
internal sealed class ResponseBytes(decimal multiply) : IMetricSource
{
    public string Name => "ResponseBytes";

    public string Origin => $"bytes of the answer's body{MicroUnit.Times(multiply)}";

    public bool Grows => true;

    public long? MicroUnits(in Measurement measured) => MicroUnit.OfCounted(measured.ResponseBytes, multiply);
}
