namespace Gateway.Torture;
internal static class OutageRun
{
    public static Task<int> ExecuteAsync(int seconds, int rate, CancellationToken stop) => Task.FromResult(0);
}
