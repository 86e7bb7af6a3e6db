using System.Diagnostics;

namespace Gateway.Bench.Load;

/// <summary>A program that runs to its end.</summary>
internal static class Tool
{
    /// <returns>All it wrote.</returns>
    public static async Task<string> RunAsync(string program, IEnumerable<string> arguments, CancellationToken stop)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(stop), process.StandardError.ReadToEndAsync(stop));
            await process.WaitForExitAsync(stop);
            var all = await output + await errors;
            return process.ExitCode == 0 ? all : throw new LoadFailedException($"{program} ended with {process.ExitCode}.\n{all}");
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
