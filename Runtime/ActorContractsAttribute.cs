namespace Kameo.Actors;

/// <summary>Names a type of an assembly that is not compiled with the generator, such as contracts written for Orleans or in another language, so that this project generates what all actor types of that assembly need.</summary>
/// <remarks>
/// Of its actor interfaces and classes, and of its exceptions that are marked <see cref="TravelsAttribute"/>, those that this project can see; the others are left out. Several projects may name one assembly: each then has tells of its own, and the
/// rest is registered once in a process. What cannot be generated is a warning of the compiler.
/// </remarks>
/// <example><code>[assembly: ActorContracts(typeof(Contracts.IPing))]</code></example>
[AttributeUsage(AttributeTargets.Assembly, AllowMultiple = true)]
public sealed class ActorContractsAttribute : Attribute
{
    /// <summary>Names an assembly.</summary>
    /// <param name="type">Any type of it.</param>
    public ActorContractsAttribute(Type type) => Type = type;

    /// <summary>A type of the assembly.</summary>
    public Type Type { get; }
}
