using Gateway.Authentication;
using Gateway.Configuration;
using Gateway.Keys;

namespace Gateway.Pipeline;

/// <summary>Whose request it is: by a key of the configuration, or one that was issued.</summary>
internal sealed class Authenticator(KeyDirectory issued)
{
    /// <summary>The key, which is taken out of the request; or why there is none.</summary>
    public ValueTask<(Denial? Refused, ApiKey? Key)> FindAsync(HttpRequest request, GatewaySnapshot current)
    {
        var candidate = current.KeyReader.Read(request);
        if (candidate.Presence == KeyPresence.None) return new((Denial.KeyMissing, null));
        if (candidate.Presence == KeyPresence.Ambiguous) return new((Denial.KeyAmbiguous, null));
        if (!ApiKeyHash.TryFromKey(candidate.Key, out var hash)) return new((Denial.KeyUnknown, null));
        if (current.Keys.TryFind(in hash, out var key)) return new(Take(request, current, candidate, new KeyAnswer(KeyVerdict.Known, key)));
        var asking = issued.FindAsync(candidate.Key!, hash);
        return asking.IsCompletedSuccessfully ? new(Take(request, current, candidate, asking.Result)) : WaitAsync(request, current, candidate, asking);
    }

    private static async ValueTask<(Denial? Refused, ApiKey? Key)> WaitAsync(HttpRequest request, GatewaySnapshot current, ApiKeyCandidate candidate, ValueTask<KeyAnswer> answer) =>
        Take(request, current, candidate, await answer);

    private static (Denial? Refused, ApiKey? Key) Take(HttpRequest request, GatewaySnapshot current, in ApiKeyCandidate candidate, KeyAnswer answer)
    {
        if (answer.Verdict == KeyVerdict.Unknown) return (Denial.KeyUnknown, null); // it may be the upstream's own
        request.QueryString = current.KeyReader.Strip(candidate, request.Headers, request.QueryString); // the request may go on without it: no key is asked for, or a trial runs
        return answer.Key is { } key ? (null, key) : (Refusal(answer.Verdict), null);
    }

    private static Denial Refusal(KeyVerdict verdict) => verdict == KeyVerdict.Expired ? Denial.KeyExpired : Denial.KeyUndecided;
}
