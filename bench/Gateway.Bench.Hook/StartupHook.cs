using System.Globalization;
using System.Runtime;
using System.Text;

/// <summary>
/// Runs in every .NET process that the bench starts, before its Main, by <c>DOTNET_STARTUP_HOOKS</c>; the name and the missing namespace are the runtime's rule.
/// Tells the collector's and the compiler's figures when it is asked, and ends the process when the bench is gone. Asked and answered over standard input and
/// output: a socket opened here would come before the process's Main has said how sockets are to be served.
/// </summary>
internal static class StartupHook
{
    /// <summary>Environment variable: what an answer's line begins with.</summary>
    private const string MarkVariable = "GATEWAY_BENCH_MARK";

    public static void Initialize()
    {
        if (Environment.GetEnvironmentVariable(MarkVariable) is { Length: > 0 } mark) new Thread(() => Answer(mark)) { IsBackground = true, Name = "bench figures" }.Start();
    }

    /// <summary>One line for each byte. The input is a pipe whose other end the bench holds: it ends when the bench does, however that ends.</summary>
    private static void Answer(string mark)
    {
        using var input = Console.OpenStandardInput();
        using var output = Console.OpenStandardOutput();
        Span<byte> asked = stackalloc byte[1];
        while (input.Read(asked) > 0)
        {
            output.Write(Encoding.ASCII.GetBytes(string.Create(
                CultureInfo.InvariantCulture,
                $"{mark}{GC.GetTotalAllocatedBytes(precise: true)} {GC.CollectionCount(0)} {GC.GetTotalPauseDuration().TotalMicroseconds:F0} {JitInfo.GetCompilationTime().TotalMicroseconds:F0}\n")));
        }

        Environment.FailFast(message: null);
    }
}
