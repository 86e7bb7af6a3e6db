using System.Globalization;
using Gateway.Configuration;
using Gateway.Shipping;
using StackExchange.Redis;

namespace Gateway.Cli.Journal;

internal static class ReplayCommand
{
    /// <returns>0: all accepted. 1: some are in quarantine again. 2: the configuration or the quarantine can not be read.</returns>
    public static async Task<int> RunAsync(string configPath, TextWriter output, CancellationToken cancellationToken)
    {
        GatewayOptions options;
        try
        {
            options = ConfigurationServices.ReadOptions(configPath);
        }
        catch (InvalidConfigurationException e)
        {
            await output.WriteLineAsync(e.Message);
            return 2;
        }

        await using var services = new ServiceCollection().AddReplay(options).BuildServiceProvider();
        var replay = services.GetRequiredService<QuarantineReplay>();
        try
        {
            var result = await ProgressBar.ShowAsync("replaying", progress => replay.RunAsync(progress, cancellationToken));
            await output.WriteLineAsync(Text(result));
            return result.Refused + result.Undecided == 0 ? 0 : 1;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or RedisException)
        {
            await output.WriteLineAsync($"The quarantine can not be read, or another replay is under way: {e.Message}");
            return 2;
        }
    }

    private static string Text(ReplayResult result) => result switch
    {
        { Accepted: 0, Refused: 0, Undecided: 0 } => "Nothing is in quarantine.",
        { Refused: 0, Undecided: 0 } => string.Create(CultureInfo.InvariantCulture, $"Paygentic accepted all {result.Accepted:N0} usage events."),
        _ => string.Create(
            CultureInfo.InvariantCulture,
            $"Paygentic accepted {result.Accepted:N0} usage events, refused {result.Refused:N0} again and did not decide {result.Undecided:N0}. Those are in quarantine again."),
    };
}
