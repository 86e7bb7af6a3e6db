using Gateway.Authentication;
using Gateway.Configuration;
using Gateway.Keys;

namespace Gateway.Pipeline;

/// <summary>Whose request it is: by a key of the configuration, or one that was issued.</summary>
internal sealed class Authenticator(KeyDirectory issued)
{
    /// <summary>The key, which is taken out of the request; or why there is none.</summary>
    public async ValueTask<(Denial? Refused, ApiKey? Key)> FindAsync(HttpRequest request, GatewaySnapshot current)
    {
        var candidate = current.KeyReader.Read(request);
        if (candidate.Presence == KeyPresence.None) return (Denial.KeyMissing, null);
        if (candidate.Presence == KeyPresence.Ambiguous) return (Denial.KeyAmbiguous, null);
        if (!current.Keys.TryFind(candidate.Key, out var key))
        {
            var answer = await issued.FindAsync(candidate.Key!);
            if (answer.Key is null) return (Refusal(answer.Verdict), null);
            key = answer.Key;
        }

        request.QueryString = current.KeyReader.Strip(candidate, request.Headers, request.QueryString); // also where no key is asked for
        return (null, key);
    }

    private static Denial Refusal(KeyVerdict verdict) => verdict switch
    {
        KeyVerdict.Expired => Denial.KeyExpired,
        KeyVerdict.Undecided => Denial.KeyUndecided,
        _ => Denial.KeyUnknown,
    };
}
