using System.Collections.Frozen;
using System.Runtime.ExceptionServices;

namespace Kameo.Actors.Errors;

/// <summary>The exceptions of .NET that reach the caller as themselves: a fixed list, so that no type is ever made by a name from the network.</summary>
internal static class TravellingExceptions
{
    private static readonly FrozenDictionary<string, Func<string, Exception>> s_makers = new Dictionary<string, Func<string, Exception>>
    {
        [typeof(ArgumentException).FullName!] = static message => new ArgumentException(message),
        [typeof(ArgumentNullException).FullName!] = static message => new ArgumentNullException(null, message),
        [typeof(ArgumentOutOfRangeException).FullName!] = static message => new ArgumentOutOfRangeException(null, message),
        [typeof(ArithmeticException).FullName!] = static message => new ArithmeticException(message),
        [typeof(DivideByZeroException).FullName!] = static message => new DivideByZeroException(message),
        [typeof(OverflowException).FullName!] = static message => new OverflowException(message),
        [typeof(FormatException).FullName!] = static message => new FormatException(message),
        [typeof(IndexOutOfRangeException).FullName!] = static message => new IndexOutOfRangeException(message),
        [typeof(InvalidCastException).FullName!] = static message => new InvalidCastException(message),
        [typeof(InvalidDataException).FullName!] = static message => new InvalidDataException(message),
        [typeof(InvalidOperationException).FullName!] = static message => new InvalidOperationException(message),
        [typeof(IOException).FullName!] = static message => new IOException(message),
        [typeof(KeyNotFoundException).FullName!] = static message => new KeyNotFoundException(message),
        [typeof(NotImplementedException).FullName!] = static message => new NotImplementedException(message),
        [typeof(NotSupportedException).FullName!] = static message => new NotSupportedException(message),
        [typeof(NullReferenceException).FullName!] = static message => new NullReferenceException(message),
        [typeof(ObjectDisposedException).FullName!] = static message => new ObjectDisposedException(null, message),
        [typeof(OperationCanceledException).FullName!] = static message => new OperationCanceledException(message),
        [typeof(TaskCanceledException).FullName!] = static message => new TaskCanceledException(message),
        [typeof(TimeoutException).FullName!] = static message => new TimeoutException(message),
        [typeof(UnauthorizedAccessException).FullName!] = static message => new UnauthorizedAccessException(message),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Makes the exception again, with the stack of where it was thrown; null for one that does not travel.</summary>
    public static Exception? TryMake(string typeName, string message, string stackTrace)
    {
        if (!s_makers.TryGetValue(typeName, out Func<string, Exception>? make))
        {
            return null;
        }

        Exception exception = make(message);
        return stackTrace.Length == 0 ? exception : ExceptionDispatchInfo.SetRemoteStackTrace(exception, stackTrace);
    }
}
