namespace Gateway.Bench.Processes;

/// <summary>Programs of the machine, which may be missing.</summary>
internal static class Programs
{
    private static readonly string[] AlsoIn = ["/usr/sbin", "/sbin", "/usr/local/sbin"];
    private static readonly string[] ModuleFolders = ["/usr/lib/nginx/modules", "/usr/lib64/nginx/modules", "/usr/share/nginx/modules", "/usr/local/lib/nginx/modules"];

    /// <summary>Null when it is not installed.</summary>
    public static string? Find(string program) =>
        (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':', StringSplitOptions.RemoveEmptyEntries).Concat(AlsoIn)
            .Select(folder => Path.Combine(folder, program)).FirstOrDefault(File.Exists);

    public static string? FindNginxModule(string file) => ModuleFolders.Select(folder => Path.Combine(folder, file)).FirstOrDefault(File.Exists);
}
