using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.ExceptionServices;
using Kameo.Actors.Catalog;
using Kameo.Actors.Serialization;
using Kameo.Actors.Transport;
using Kameo.Actors.Transport.MessagePack;
using Kameo.Actors.Transport.Requests;

namespace Kameo.Actors.Errors;

/// <summary>
/// From the fault of an exception that an actor threw to the exception that its caller gets: itself if it is one of a list of .NET's or its class travels, else an <see cref="ActorFaultException"/>; with the stack of where it was thrown,
/// and what it came of.
/// </summary>
/// <remarks>Names pick from the list and from what generated code has registered. No type is ever looked up.</remarks>
internal static class CalleeException
{
    private static readonly FrozenDictionary<string, Func<string, Exception?, Exception>> s_makers = new Dictionary<string, Func<string, Exception?, Exception>>
    {
        [typeof(ArgumentException).FullName!] = static (message, inner) => new ArgumentException(message, inner),
        [typeof(ArgumentNullException).FullName!] = static (message, inner) => new ArgumentNullException(message, inner),
        [typeof(ArgumentOutOfRangeException).FullName!] = static (message, inner) => new ArgumentOutOfRangeException(message, inner),
        [typeof(ArithmeticException).FullName!] = static (message, inner) => new ArithmeticException(message, inner),
        [typeof(DivideByZeroException).FullName!] = static (message, inner) => new DivideByZeroException(message, inner),
        [typeof(OverflowException).FullName!] = static (message, inner) => new OverflowException(message, inner),
        [typeof(FormatException).FullName!] = static (message, inner) => new FormatException(message, inner),
        [typeof(IndexOutOfRangeException).FullName!] = static (message, inner) => new IndexOutOfRangeException(message, inner),
        [typeof(InvalidCastException).FullName!] = static (message, inner) => new InvalidCastException(message, inner),
        [typeof(InvalidDataException).FullName!] = static (message, inner) => new InvalidDataException(message, inner),
        [typeof(InvalidOperationException).FullName!] = static (message, inner) => new InvalidOperationException(message, inner),
        [typeof(IOException).FullName!] = static (message, inner) => new IOException(message, inner),
        [typeof(KeyNotFoundException).FullName!] = static (message, inner) => new KeyNotFoundException(message, inner),
        [typeof(NotImplementedException).FullName!] = static (message, inner) => new NotImplementedException(message, inner),
        [typeof(NotSupportedException).FullName!] = static (message, inner) => new NotSupportedException(message, inner),
        [typeof(NullReferenceException).FullName!] = static (message, inner) => new NullReferenceException(message, inner),
        [typeof(ObjectDisposedException).FullName!] = static (message, inner) => new ObjectDisposedException(message, inner),
        [typeof(OperationCanceledException).FullName!] = static (message, inner) => new OperationCanceledException(message, inner),
        [typeof(TaskCanceledException).FullName!] = static (message, inner) => new TaskCanceledException(message, inner),
        [typeof(TimeoutException).FullName!] = static (message, inner) => new TimeoutException(message, inner),
        [typeof(UnauthorizedAccessException).FullName!] = static (message, inner) => new UnauthorizedAccessException(message, inner),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Makes the exception.</summary>
    public static Exception Make(in Fault fault, ActorId target, PeerId? node)
    {
        Exception? inner = fault.Cause is { } cause ? Make(cause.Fault, target, node) : null;
        Exception? itself = s_makers.TryGetValue(fault.TypeName, out Func<string, Exception?, Exception>? make) ? make(fault.Message, inner)
            : fault.Data.IsEmpty || ActorCatalog.FindException(fault.TypeName) is not { } form ? null
            : TryDecode(form, fault.Data.Span, inner);
        return itself is null ? new ActorFaultException(target, node, fault, inner)
            : fault.StackTrace.Length == 0 ? itself
            : ExceptionDispatchInfo.SetRemoteStackTrace(itself, fault.StackTrace);
    }

    [SuppressMessage("Design", "CA1031", Justification = "Bytes of another build, or a constructor that refuses them: the caller is told in text what its actor threw, not what went wrong on the way.")]
    private static Exception? TryDecode(ExceptionForm form, ReadOnlySpan<byte> data, Exception? inner)
    {
        try
        {
            using CauseFormatter.Scope scope = CauseFormatter.Enter(inner);
            var reader = new MessagePackReader(data);
            return form.Decode(ref reader);
        }
        catch (Exception)
        {
            return null;
        }
    }
}
