using Gateway.Configuration;

namespace Gateway.Cli;

/// <summary>Asks the gateway beside it whether it is ready; for a container that has no curl.</summary>
internal static class HealthCommand
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    /// <summary>0: ready. 1: not ready or no answer. 2: the configuration can not be read.</summary>
    public static async Task<int> RunAsync(string configPath, TextWriter output, CancellationToken cancellationToken)
    {
        Uri address;
        try
        {
            address = new Uri(new Uri(ConfigurationServices.ReadAdmin(configPath).Url), "/readyz");
        }
        catch (InvalidConfigurationException e)
        {
            output.WriteLine(e.Message);
            return 2;
        }

        using var http = new HttpClient { Timeout = Patience };
        try
        {
            using var answer = await http.GetAsync(address, cancellationToken);
            output.WriteLine(await answer.Content.ReadAsStringAsync(cancellationToken));
            return answer.IsSuccessStatusCode ? 0 : 1;
        }
        catch (Exception e) when (e is HttpRequestException or TaskCanceledException)
        {
            output.WriteLine($"No answer from {address}: {e.Message}");
            return 1;
        }
    }
}
