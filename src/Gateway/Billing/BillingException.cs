namespace Gateway.Billing;

/// <summary>The billing platform did not do what was asked of it.</summary>
/// <param name="message">For people; holds no secret.</param>
/// <param name="isRefusal">It will be refused again if it is asked the same; else it may do it the next time.</param>
/// <param name="retryAfter">When it may.</param>
/// <param name="isOpen">No answer of its own came: it may have been done, and may still be under way.</param>
internal sealed class BillingException(string message, bool isRefusal, TimeSpan? retryAfter = null, bool isOpen = false) : Exception(message)
{
    public bool IsRefusal { get; } = isRefusal;

    public TimeSpan? RetryAfter { get; } = retryAfter;

    public bool IsOpen { get; } = isOpen;
}
