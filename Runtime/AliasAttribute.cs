namespace Kameo.Actors;

/// <summary>The name by which other builds know a type, whatever it is called here: of an actor interface or class, an exception that travels, or a type in the signature of a method. Orleans 10's is read, too.</summary>
/// <remarks>
/// Ids of actors and of methods are made of such names, so a type that is renamed or moved to another namespace is still the same to builds that have it under its alias, and an alias stays when it was used once.
/// No two types of one kind may have the same.
/// </remarks>
/// <param name="alias">The name.</param>
/// <example><code>[Alias("shop.cart")] public interface ICart : IGrainWithStringKey;</code></example>
[AttributeUsage(AttributeTargets.Class | AttributeTargets.Struct | AttributeTargets.Interface | AttributeTargets.Enum, Inherited = false)]
public sealed class AliasAttribute(string alias) : Attribute
{
    /// <summary>The name.</summary>
    public string Alias => alias;
}
