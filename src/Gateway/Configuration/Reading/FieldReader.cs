using Gateway.Pricing;

namespace Gateway.Configuration.Reading;

/// <summary>Gathers what the meters of one route look at in bodies.</summary>
internal sealed class FieldReader
{
    /// <summary>Null when nothing looks at the request's body.</summary>
    public BodyFields? Request { get; private set; }

    /// <summary>Null when nothing looks at the answer's body.</summary>
    public ResponseFields? Response { get; private set; }

    public int OfRequest(IEnumerable<string> names) => (Request ??= new BodyFields()).Add(names);

    public int OfResponse(IEnumerable<string> names) => (Response ??= new ResponseFields()).Add(names);
}
