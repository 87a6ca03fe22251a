namespace Kameo.Actors;

/// <summary>
/// Makes an exception arrive as itself at the caller of an actor that throws it, on whatever node that is: with its public members, its message and its inner exception, and the stack of where it was thrown. Without this, as any exception
/// that is not one of .NET's common ones, it arrives as an <see cref="ActorFaultException"/> with its type name, message and stack as text.
/// </summary>
/// <remarks>
/// The generator writes a formatter for it; members travel as those of any message do. It needs a constructor whose parameters are named like its members, <c>message</c> and <c>innerException</c> (or <c>inner</c>) among them where it takes
/// those. A class without such a parameter makes its message itself. Members of up to 8 KiB travel, and no references, payloads or streams. What derives from the class needs the attribute too. A node that does not
/// know the class gets an <see cref="ActorFaultException"/>.
/// <code>
/// [Travels]
/// public sealed class OverdrawnException(string message, decimal missing) : Exception(message)
/// {
///     public decimal Missing =&gt; missing;
/// }
/// </code>
/// </remarks>
[AttributeUsage(AttributeTargets.Class, Inherited = false)]
public sealed class TravelsAttribute : Attribute;
