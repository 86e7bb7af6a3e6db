using Gateway.Model;
using Gateway.Reservations.Pool;

namespace Gateway.Reservations;

/// <summary>What a refill has to say, whichever part of it.</summary>
internal static partial class RefillLog
{
    [LoggerMessage(310, LogLevel.Error, "No units for {Account}.")]
    public static partial void Failed(ILogger logger, AccountId account, Exception e);

    [LoggerMessage(316, LogLevel.Warning, "No units for {Account}: the pool does not answer. {Reason}")]
    public static partial void PoolAway(ILogger logger, AccountId account, string reason);

    [LoggerMessage(311, LogLevel.Warning, "No usable answer to a request for {Units} units for {Account}; they may be frozen until the entitlement expires. {Reason}")]
    public static partial void Ambiguous(ILogger logger, AccountId account, long units, string reason);

    [LoggerMessage(312, LogLevel.Error, "The provider refused an entitlement for {Account}: {Reason}")]
    public static partial void Refused(ILogger logger, AccountId account, string reason);

    [LoggerMessage(313, LogLevel.Warning, "The pool did not confirm the deposit for {Account}: {Reason}")]
    public static partial void DepositFailed(ILogger logger, AccountId account, string reason);

    [LoggerMessage(314, LogLevel.Warning, "The pool could not be told that the provider gave nothing for {Account}: {Reason}")]
    public static partial void PassFailed(ILogger logger, AccountId account, string reason);

    [LoggerMessage(317, LogLevel.Warning, "The journal did not take the fraction of a unit that {Account} carries; it is with the next charge. {Reason}")]
    public static partial void FractionNotKept(ILogger logger, AccountId account, string reason);

    [LoggerMessage(315, LogLevel.Warning, "An entitlement for {Account} stays unused until it ends ({Answer}): the pool was lost or moved, or it ends too soon.")]
    public static partial void NotDeposited(ILogger logger, AccountId account, PoolAnswerKind answer);
}
