namespace Gateway.Catalogue;

internal enum ChangeKind
{
    /// <summary>It is at Paygentic as it should be.</summary>
    None,
    Create,
    Update,
}

/// <param name="What">For people: <c>metric basic-submissions</c>.</param>
/// <param name="Id">At Paygentic; null while it is not made.</param>
/// <param name="Details">What is different: <c>unitPrice 0.001 → 0.002</c>.</param>
internal sealed record CatalogChange(ChangeKind Kind, string What, string? Id, IReadOnlyList<string> Details);
