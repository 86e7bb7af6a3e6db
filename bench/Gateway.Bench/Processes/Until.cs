using System.Net.Sockets;

namespace Gateway.Bench.Processes;

internal static class Until
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(25);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    /// <summary>Asks again until it answers. What throws because something is away is not there yet; a process that has ended never will be.</summary>
    public static async Task AnswersAsync(Uri address, ChildProcess child, CancellationToken stop)
    {
        using var http = new HttpClient { Timeout = TimeSpan.FromSeconds(5) };
        await HoldsAsync(async () => (await http.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, stop)).StatusCode != System.Net.HttpStatusCode.ServiceUnavailable, child, stop);
    }

    public static async Task ListensAsync(int port, ChildProcess child, CancellationToken stop) => await HoldsAsync(
        async () =>
        {
            using var client = new TcpClient();
            await client.ConnectAsync("127.0.0.1", port, stop);
            return true;
        },
        child, stop);

    private static async Task HoldsAsync(Func<Task<bool>> holds, ChildProcess child, CancellationToken stop)
    {
        var started = TimeProvider.System.GetTimestamp();
        while (TimeProvider.System.GetElapsedTime(started) < Patience && child.IsRunning)
        {
            try
            {
                if (await holds()) return;
            }
            catch (Exception e) when (e is HttpRequestException or SocketException || (e is TaskCanceledException && !stop.IsCancellationRequested))
            {
                // Not yet.
            }

            await Task.Delay(Pause, TimeProvider.System, stop);
        }

        throw new ChildFailedException($"A {child.Role} process {(child.IsRunning ? "does not answer" : "ended at its start")}.\n{child.Output}");
    }
}

/// <summary>A process did not come up, and what it said.</summary>
internal sealed class ChildFailedException(string message) : Exception(message);
