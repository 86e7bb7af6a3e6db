using System.Globalization;
using System.Runtime.InteropServices;
using Gateway.Bench.Load;
using Gateway.Bench.Processes;

namespace Gateway.Bench.Report;

/// <summary>Where and of what figures were taken.</summary>
internal static class MachineFacts
{
    private static readonly (string Program, string Argument)[] Versions = [("nginx", "-v"), ("haproxy", "-v"), ("redis-server", "--version"), ("wrk", "-v"), ("h2load", "--version")];

    private static Task<string>? _programs; // the same for every report of a run

    /// <summary>Name and value, in the order of the report.</summary>
    public static async Task<IReadOnlyList<(string Name, string Value)>> ReadAsync(string root, CancellationToken stop)
    {
        var cpu = Line("/proc/cpuinfo", "model name")?.Split(':')[^1].Trim() ?? RuntimeInformation.ProcessArchitecture.ToString();
        var memory = Line("/proc/meminfo", "MemTotal:")?.Split(' ', StringSplitOptions.RemoveEmptyEntries)[1] ?? "0";
        return
        [
            ("processor", string.Create(CultureInfo.InvariantCulture, $"{cpu}, {Environment.ProcessorCount} to use")),
            ("memory", string.Create(CultureInfo.InvariantCulture, $"{double.Parse(memory, CultureInfo.InvariantCulture) / 1024 / 1024:F1} GiB")),
            ("system", $"{RuntimeInformation.OSDescription}, .NET {Environment.Version}"),
            ("load average at the start", File.Exists("/proc/loadavg") ? string.Join(' ', (await File.ReadAllTextAsync("/proc/loadavg", stop)).Split(' ')[..3]) : "not known"),
            ("commit", await CommitAsync(root, stop)),
            ("programs", await (_programs ??= ProgramsAsync(stop))),
        ];
    }

    private static async Task<string> CommitAsync(string root, CancellationToken stop)
    {
        if (Programs.Find("git") is not { } git) return "not known";
        try
        {
            var commit = (await Tool.RunAsync(git, ["-C", root, "rev-parse", "HEAD"], stop)).Trim();
            var changes = await Tool.RunAsync(git, ["-C", root, "status", "--porcelain", "--untracked-files=no"], stop);
            return changes.Length == 0 ? commit : commit + ", with uncommitted changes";
        }
        catch (LoadFailedException)
        {
            return "not known";
        }
    }

    private static async Task<string> ProgramsAsync(CancellationToken stop)
    {
        var found = new List<string>();
        foreach (var (program, argument) in Versions)
        {
            if (Programs.Find(program) is not { } path) continue;
            try
            {
                found.Add((await Tool.RunAsync(path, [argument], stop)).Split('\n')[0].Trim());
            }
            catch (LoadFailedException e)
            {
                found.Add(e.Message.Split('\n')[1].Trim()); // wrk tells its version and ends with 1
            }
        }

        return found.Count == 0 ? "none but the SDK" : string.Join("; ", found);
    }

    private static string? Line(string file, string start) => File.Exists(file) ? File.ReadLines(file).FirstOrDefault(l => l.StartsWith(start, StringComparison.Ordinal)) : null;
}
