using System.Diagnostics;

namespace Gateway.FunctionalTests.Kit;

/// <summary>The gateway's command line as a process of its own.</summary>
internal static class GatewayCli
{
    public static Task<(int ExitCode, string Output, string Error)> RunAsync(params string[] arguments) => RunAsync(home: null, arguments);

    /// <param name="home">A folder without the certificates that developers have in theirs; null: one's own.</param>
    /// <param name="arguments">Verb and options.</param>
    public static async Task<(int ExitCode, string Output, string Error)> RunAsync(DirectoryInfo? home, params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [typeof(GatewayHost).Assembly.Location, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        if (home is not null) start.Environment["HOME"] = home.FullName;
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var output = await process.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return (process.ExitCode, output, await error);
    }
}
