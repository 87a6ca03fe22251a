using Kameo.Actors.Transport;
using Kameo.Actors.Transport.Asks;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Errors;

/// <summary>From a fault, or the way an ask ended, to the exception its caller gets: the same for local and remote calls.</summary>
internal static class CallFailure
{
    /// <summary>The exception of a fault.</summary>
    public static Exception Of(in Fault fault, ActorId target, PeerId? node) => fault.Code switch
    {
        FaultCode.Exception => CalleeException.Make(fault, target, node),
        FaultCode.Overloaded => new OverloadedException(target, node, $"The call of {target} did not run: {fault.Message}."),
        FaultCode.NoSuchTarget => new NodeUnreachableException(CallOutcome.NotRun, target, node, $"The call of {target} did not run: {fault.Message}."),
        FaultCode.NoSuchMethod or FaultCode.ContractMismatch => new ContractMismatchException(target, node, $"The call of {target} did not run: {fault.Message}."),
        FaultCode.BadArguments => new ActorCallException(CallOutcome.NotRun, target, node, $"The call of {target} did not run: its arguments could not be read: {fault.Message}"),
        FaultCode.Expired => new AskTimeoutException(CallOutcome.NotRun, target, node, $"The call of {target} did not run: {fault.Message}."),
        FaultCode.Cancelled => new OperationCanceledException(fault.Message),
        FaultCode.CancelledWhileRunning => new OperationCanceledException(fault.Message),
        FaultCode.NotServing => new NodeUnreachableException(CallOutcome.NotRun, target, node, $"The call of {target} did not run: {fault.Message}."),
        FaultCode.ActivationFailed => new ActorActivationException(target, node, $"{target} could not be activated: {fault.TypeName}: {fault.Message}", fault.TypeName.Length == 0 ? null : CalleeException.Make(fault, target, node)),
        FaultCode.Stopped => new ActorStoppedException(target, node, $"The call of {target} did not run: {fault.Message}."),
        FaultCode.Deadlock => new ActorDeadlockException(target, node, fault.Message),
        FaultCode.BadResult => new ActorCallException(CallOutcome.Ran, target, node, $"The call of {target} ran, but its result cannot travel: {fault.Message}"),
        FaultCode.TimedOut => new AskTimeoutException(CallOutcome.MayHaveRun, target, node, $"The call of {target} was handed on and may have run: {fault.Message}."),
        FaultCode.Unreachable => new NodeUnreachableException(CallOutcome.MayHaveRun, target, node, $"The call of {target} was lost on the way: {fault.Message}."),
        _ => new ActorCallException(CallOutcome.NotRun, target, node, $"The call of {target} did not run: {fault.Message}."),
    };

    /// <summary>The exception of an ask that got neither reply nor fault.</summary>
    public static Exception Of(AskEnd end, string detail, ActorId target, PeerId? node) => end switch
    {
        AskEnd.TimedOut => new AskTimeoutException(CallOutcome.MayHaveRun, target, node, $"The call of {target} may have run: {detail}."),
        AskEnd.ConnectionLost => new NodeUnreachableException(CallOutcome.MayHaveRun, target, node, $"The call of {target} may have run: {detail}."),
        AskEnd.NotSent => new NodeUnreachableException(CallOutcome.NotRun, target, node, $"The call of {target} was not sent: {detail}."),
        AskEnd.Overloaded => new OverloadedException(target, node, $"The call of {target} was not sent: {detail}."),
        AskEnd.TooLarge => new ActorCallException(CallOutcome.NotRun, target, node, $"The call of {target} was not sent: {detail}."),
        _ => new ActorCallException(CallOutcome.MayHaveRun, target, node, $"The call of {target} failed: {detail}."),
    };

    /// <summary>Reads a fault frame's payload into an exception.</summary>
    public static Exception Read(ReadOnlySpan<byte> payload, ActorId target, PeerId? node)
    {
        try
        {
            var reader = new MessagePackReader(payload);
            return Of(Fault.Decode(ref reader), target, node);
        }
        catch (MessagePackException exception)
        {
            return new ActorCallException(CallOutcome.MayHaveRun, target, node, $"The call of {target} failed, and the fault that says why is malformed.", exception);
        }
    }
}
