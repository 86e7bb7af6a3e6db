using System.Text.Json;
using Gateway.Model;

namespace Gateway.Pricing.Sources;

/// <summary>A number in the JSON of the request, or how many elements a list there has. It is known beforehand, so it is held to the unit.</summary>
/// <param name="path">As it was written.</param>
/// <param name="outermost">The first name of it.</param>
/// <param name="field">Its index among <see cref="BodyFields"/>.</param>
/// <param name="multiply">Units per one of what is read.</param>
internal sealed class RequestJson(string path, string outermost, int field, decimal multiply) : IMetricSource
{
    public string Name => "RequestJson";

    public string Origin => $"the number at {path} in the request's JSON, or how many elements the list there has{MicroUnit.Times(multiply)}";

    public bool IsKnownBefore => true;

    public string Path => path;

    /// <summary>The name by which an API would find it, or all that it is in, in a query.</summary>
    public string Outermost => outermost;

    public long? MicroUnits(in Measurement measured) => Read(measured.RequestBody);

    /// <summary>There is nothing; something else than a number is not nothing, for the API may read it as one.</summary>
    public bool IsMissing(in BodyValues body) => body[field].Kind is JsonValueKind.Undefined or JsonValueKind.Null;

    public bool IsList(in BodyValues body) => body[field].Kind == JsonValueKind.Array;

    public long? Read(in BodyValues body) => body[field] switch
    {
        { Kind: JsonValueKind.Number or JsonValueKind.Array } value => MicroUnit.Parse(value.Text, multiply),
        _ => null,
    };
}
