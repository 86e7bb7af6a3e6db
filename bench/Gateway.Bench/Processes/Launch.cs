namespace Gateway.Bench.Processes;

/// <summary>How a process is started.</summary>
internal sealed record Launch(string File, IReadOnlyList<string> Arguments)
{
    public string? WorkingDirectory { get; init; }

    /// <summary>Whether it steps back for others: for what would be on another machine.</summary>
    public bool IsNice { get; init; }

    /// <summary>Whether it answers <see cref="ChildProcess.AskAsync"/>.</summary>
    public bool HasHook { get; private init; }

    public Dictionary<string, string> Environment { get; init; } = [];

    /// <summary>A .NET program that lies beside the bench, with the hook that tells its collector's figures: the same for every arm.</summary>
    public static Launch Dotnet(string program, params string[] arguments) => Dotnet(program, folder: null, new Dictionary<string, string>(), arguments);

    /// <inheritdoc cref="Dotnet(string, string[])"/>
    /// <param name="program">Its name.</param>
    /// <param name="folder">Where it lies if not beside the bench.</param>
    /// <param name="environment">Variables of its own.</param>
    /// <param name="arguments">What it is told.</param>
    public static Launch Dotnet(string program, string? folder, IReadOnlyDictionary<string, string> environment, params string[] arguments)
    {
        return new Launch("dotnet", [Path.Combine(folder ?? AppContext.BaseDirectory, program + ".dll"), .. arguments])
        {
            HasHook = true,
            Environment = new Dictionary<string, string>(environment)
            {
                ["DOTNET_STARTUP_HOOKS"] = Path.Combine(AppContext.BaseDirectory, "Gateway.Bench.Hook.dll"),
                ["GATEWAY_BENCH_MARK"] = ChildProcess.Mark,
            },
        };
    }
}
