using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Runtime;
using System.Text;

/// <summary>
/// Runs in every .NET process that the bench starts, before its Main, by <c>DOTNET_STARTUP_HOOKS</c>; the name and the missing namespace are the runtime's rule.
/// Tells the collector's and the compiler's figures to whoever connects, and ends the process when the bench is gone.
/// </summary>
internal static class StartupHook
{
    /// <summary>Environment variable: the loopback port on which the figures are told.</summary>
    private const string PortVariable = "GATEWAY_BENCH_PORT";

    public static void Initialize()
    {
        if (!int.TryParse(Environment.GetEnvironmentVariable(PortVariable), NumberStyles.None, CultureInfo.InvariantCulture, out var port)) return;
        Start("bench figures", () => Tell(port));
        Start("bench watch", EndWithParent);
    }

    private static void Tell(int port)
    {
        using var listener = new TcpListener(IPAddress.Loopback, port);
        listener.Start();
        while (true)
        {
            try
            {
                using var client = listener.AcceptSocket();
                client.Send(Encoding.ASCII.GetBytes(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{GC.GetTotalAllocatedBytes(precise: true)} {GC.CollectionCount(0)} {GC.CollectionCount(1)} {GC.CollectionCount(2)} {GC.GetTotalPauseDuration().TotalMicroseconds:F0} {JitInfo.GetCompilationTime().TotalMicroseconds:F0}")));
            }
            catch (SocketException)
            {
                // Whoever asked is gone.
            }
        }
    }

    /// <summary>Standard input is a pipe whose other end the bench holds: it ends when the bench does, however that ends.</summary>
    private static void EndWithParent()
    {
        using var input = Console.OpenStandardInput();
        Span<byte> ignored = stackalloc byte[64];
        while (input.Read(ignored) > 0)
        {
            // Nobody writes.
        }

        Environment.FailFast(message: null);
    }

    private static void Start(string name, Action work) => new Thread(() => work()) { IsBackground = true, Name = name }.Start();
}
