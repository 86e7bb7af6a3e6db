using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>A number that the upstream writes into a header of its answer.</summary>
internal sealed class ResponseHeader(string header, decimal multiply) : IMetricSource
{
    public string Name => "ResponseHeader";

    public string Origin => $"the number in the answer's header {header}{MicroUnit.Times(multiply)}";

    public string Header => header;

    public long? MicroUnits(in Measurement measured) =>
        measured.ResponseHeaders is { } headers && headers.TryGetValue(header, out var values) && values.Count == 1 ? MicroUnit.Parse(values[0], multiply) : null;
}
