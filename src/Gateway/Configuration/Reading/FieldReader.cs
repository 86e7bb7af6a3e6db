using Gateway.Pricing;

namespace Gateway.Configuration.Reading;

/// <summary>Gathers what the meters of one route look at in bodies.</summary>
internal sealed class FieldReader
{
    /// <summary>Null when nothing looks at the request's body.</summary>
    public BodyFields? Request { get; private set; }

    /// <summary>Null when nothing looks at the answer's body.</summary>
    public ResponseFields? Response { get; private set; }

    /// <summary>The list in the answer whose elements are looked at, as it was written; null: the document itself is.</summary>
    public string? Items { get; private set; }

    /// <summary>False when another list was named before.</summary>
    public bool OfEachIn(string items, IEnumerable<string> names)
    {
        if (Items is not null) return Items == items;
        Items = items;
        (Response ??= new ResponseFields()).OfEachIn(names);
        return true;
    }

    public int OfRequest(IEnumerable<string> names) => (Request ??= new BodyFields()).Add(names);

    public int OfResponse(IEnumerable<string> names) => (Response ??= new ResponseFields()).Add(names);
}
