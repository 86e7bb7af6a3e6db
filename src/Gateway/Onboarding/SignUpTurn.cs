using System.Globalization;
using Gateway.Billing;
using Gateway.Reservations.Pool;
using StackExchange.Redis;

namespace Gateway.Onboarding;

/// <summary>
/// The turn of one sign-up. It ends when this is disposed of; but after a call whose answer never came it is left to run out, for only when that call can no
/// longer be under way does looking for what it made tell anything.
/// </summary>
internal sealed class SignUpTurn(IDatabase database, RedisKey key, string holder, TimeSpan length) : IAsyncDisposable
{
    private static readonly string KeepScript = RedisScript.Read<SignUpTurn>("keep");
    private static readonly string ReleaseScript = RedisScript.Read<SignUpTurn>("release");

    private bool _isOpen;

    /// <summary>Makes something at Paygentic, with all the time that a call may take. Throws <see cref="SignUpUnderWayException"/> when the turn has run out.</summary>
    public async Task<T> MakeAsync<T>(Func<Task<T>> make)
    {
        var milliseconds = ((long)length.TotalMilliseconds).ToString(CultureInfo.InvariantCulture);
        if (!(bool)await database.ScriptEvaluateAsync(KeepScript, [key], [holder, milliseconds])) throw new SignUpUnderWayException();
        _isOpen = true;
        try
        {
            var made = await make();
            _isOpen = false;
            return made;
        }
        catch (BillingException e)
        {
            _isOpen = e.IsOpen;
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_isOpen) return;
        try
        {
            await database.ScriptEvaluateAsync(ReleaseScript, [key], [holder]);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            // It runs out.
        }
    }
}
