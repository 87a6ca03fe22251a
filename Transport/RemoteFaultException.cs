using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Transport;

/// <summary>The other side answered an ask with a fault instead of a result.</summary>
public sealed class RemoteFaultException : Exception
{
    internal RemoteFaultException(in Fault fault)
        : base(fault.TypeName.Length == 0 ? fault.Message : $"{fault.TypeName}: {fault.Message}", fault.Cause is { } cause ? new RemoteFaultException(cause.Fault) : null)
    {
        Code = fault.Code;
        RemoteTypeName = fault.TypeName;
        RemoteMessage = fault.Message;
        RemoteStackTrace = fault.StackTrace;
    }

    /// <summary>The full name of the exception's type over there; empty when no exception was thrown.</summary>
    public string RemoteTypeName { get; }

    /// <summary>What it says.</summary>
    public string RemoteMessage { get; }

    /// <summary>Its stack over there; empty when no exception was thrown.</summary>
    public string RemoteStackTrace { get; }

    /// <summary>Whether the handler ran, in whole or in part; false only when that is certain.</summary>
    public bool MayHaveRun => Code is FaultCode.Exception or FaultCode.BadResult or FaultCode.Unreachable or FaultCode.CancelledWhileRunning;

    /// <summary>What went wrong.</summary>
    internal FaultCode Code { get; }
}
