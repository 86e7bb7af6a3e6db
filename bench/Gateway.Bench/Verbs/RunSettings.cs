namespace Gateway.Bench.Verbs;

/// <summary>What every verb is told.</summary>
internal sealed record RunSettings
{
    /// <summary>Of the order of runs.</summary>
    public required int Seed { get; init; }

    /// <summary>Folder of the reports.</summary>
    public required string Output { get; init; }

    /// <summary>The repository's.</summary>
    public required string Root { get; init; }

    /// <summary>As it was called, for the report.</summary>
    public required string CommandLine { get; init; }

    /// <summary>Everything once and as short as possible: to see that it works.</summary>
    public bool IsSmoke { get; init; }

    /// <summary>How often everything is started anew; rounds are shared out among the starts.</summary>
    public int Starts { get; init; } = 1;

    /// <summary><c>auto</c>, <c>wrk</c>, <c>own</c> or <c>h2load</c>.</summary>
    public string Load { get; init; } = "auto";

    /// <summary>Without TLS, by prior knowledge.</summary>
    public bool IsHttp2 => Load == "h2load";

    public TimeSpan WarmUp => IsSmoke ? TimeSpan.Zero : TimeSpan.FromSeconds(5);

    /// <summary>How long an arm's work behind its answers is waited for.</summary>
    public TimeSpan Patience => IsSmoke ? TimeSpan.FromMilliseconds(200) : TimeSpan.FromSeconds(20);

    public static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Gateway.sln"))) return folder.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
