namespace Gateway.Pricing.Matching;

/// <summary>Whether a condition holds.</summary>
internal enum Answer
{
    No,
    Yes,

    /// <summary>The upstream may read the value otherwise than we do, so that deciding would be a guess.</summary>
    Unclear,
}
