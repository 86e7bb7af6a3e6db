namespace Gateway.Model;

/// <summary>Verdicts on requests of routes in shadow mode, besides the types of problems.</summary>
internal static class Verdicts
{
    /// <summary>It would have been served, and charged what its settlement says.</summary>
    public const string Allowed = "allowed";
}
