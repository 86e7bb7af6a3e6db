using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>A number, or a string with one, in the JSON of the answer. <c>null</c> is 0: what did not run took no time.</summary>
/// <param name="path">As it was written.</param>
/// <param name="field">Its index among <see cref="ResponseFields"/>.</param>
/// <param name="multiply">Units per one of what is read.</param>
internal sealed class ResponseJson(string path, int field, decimal multiply) : IMetricSource
{
    public string Name => "ResponseJson";

    public string Origin => $"the number at {path} in the answer's JSON{MicroUnit.Times(multiply)}";

    public string Path => path;

    public int Field { get; } = field;

    public long? MicroUnits(in Measurement measured) => measured.ResponseBody?[Field] switch
    {
        null => null,
        ResponseScan.Null => 0,
        var text => MicroUnit.Parse(text, multiply),
    };
}
