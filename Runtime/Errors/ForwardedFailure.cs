using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Errors;

/// <summary>From the failure of an ask that an actor forwarded to the fault that its first caller gets: the same kind of failure with the same outcome, and the other actor's exception as it was.</summary>
internal static class ForwardedFailure
{
    /// <summary>The fault.</summary>
    public static Fault ToFault(Exception exception) => exception switch
    {
        ActorFaultException fault => fault.Fault,
        ActorDeadlockException deadlock => new Fault(FaultCode.Deadlock, typeof(ActorDeadlockException).FullName!, deadlock.Chain, string.Empty),
        ActorActivationException { InnerException: { } thrown } => ToFault(thrown) with { Code = FaultCode.ActivationFailed },
        ActorCallException call => new Fault(CodeOf(call), call.GetType().FullName!, call.Message, string.Empty),
        _ => CalleeFault.Of(FaultCode.Exception, exception),
    };

    private static FaultCode CodeOf(ActorCallException exception) => exception switch
    {
        OverloadedException => FaultCode.Overloaded,
        ContractMismatchException => FaultCode.ContractMismatch,
        ActorActivationException => FaultCode.ActivationFailed,
        ActorStoppedException => FaultCode.Stopped,
        AskTimeoutException { Outcome: CallOutcome.NotRun } => FaultCode.Expired,
        AskTimeoutException => FaultCode.TimedOut,
        { Outcome: CallOutcome.NotRun } => FaultCode.NotServing,
        { Outcome: CallOutcome.Ran } => FaultCode.BadResult,
        _ => FaultCode.Unreachable,
    };
}
