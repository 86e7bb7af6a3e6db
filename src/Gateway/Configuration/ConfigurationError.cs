namespace Gateway.Configuration;

/// <summary>One thing wrong with the configuration.</summary>
/// <param name="Path">Where, as a JSON path: <c>$.Gateway.Routes.submissions.Meters[0].Metric</c>.</param>
/// <param name="Message">What is wrong and what to do. Never holds a secret's value.</param>
internal sealed record ConfigurationError(string Path, string Message)
{
    public override string ToString() => $"{Path}: {Message}";
}
