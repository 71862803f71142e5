//! The grammar's named node kinds and fields as enums, so that lowering matches on values instead of strings.

use std::num::NonZeroU16;
use std::sync::OnceLock;
use tree_sitter::{Language, Node};

/// Declares a fieldless enum, one variant for each of the grammar's names.
macro_rules! names {
    ($(#[$meta:meta])* $name:ident { $($variant:ident = $text:literal),* $(,)? }) => {
        $(#[$meta])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum $name {
            $(#[doc = concat!("`", $text, "`")] $variant,)*
            /// Anything the list does not name: punctuation, keywords, error nodes.
            Other,
        }

        impl $name {
            /// Every name the grammar uses, in the order of the variants.
            pub const ALL: &'static [(Self, &'static str)] = &[$((Self::$variant, $text)),*];
        }
    };
}

names! {
    /// What a syntax node is.
    Kind {
        ArgumentList = "argument_list",
        ArrayType = "array_type",
        AssignmentStatement = "assignment_statement",
        BinaryExpression = "binary_expression",
        BlankIdentifier = "blank_identifier",
        Block = "block",
        BreakStatement = "break_statement",
        CallExpression = "call_expression",
        ChannelType = "channel_type",
        Comment = "comment",
        CommunicationCase = "communication_case",
        CompositeLiteral = "composite_literal",
        ConstDeclaration = "const_declaration",
        ConstSpec = "const_spec",
        ContinueStatement = "continue_statement",
        DecStatement = "dec_statement",
        DefaultCase = "default_case",
        DeferStatement = "defer_statement",
        Dot = "dot",
        EmptyStatement = "empty_statement",
        EscapeSequence = "escape_sequence",
        ExpressionCase = "expression_case",
        ExpressionList = "expression_list",
        ExpressionStatement = "expression_statement",
        ExpressionSwitchStatement = "expression_switch_statement",
        FallthroughStatement = "fallthrough_statement",
        False = "false",
        FieldDeclaration = "field_declaration",
        FieldDeclarationList = "field_declaration_list",
        FieldIdentifier = "field_identifier",
        FloatLiteral = "float_literal",
        ForClause = "for_clause",
        ForStatement = "for_statement",
        FuncLiteral = "func_literal",
        FunctionDeclaration = "function_declaration",
        FunctionType = "function_type",
        GenericType = "generic_type",
        GoStatement = "go_statement",
        GotoStatement = "goto_statement",
        Identifier = "identifier",
        IfStatement = "if_statement",
        ImaginaryLiteral = "imaginary_literal",
        ImplicitLengthArrayType = "implicit_length_array_type",
        ImportDeclaration = "import_declaration",
        ImportSpec = "import_spec",
        ImportSpecList = "import_spec_list",
        IncStatement = "inc_statement",
        IndexExpression = "index_expression",
        IntLiteral = "int_literal",
        InterfaceType = "interface_type",
        InterpretedStringLiteral = "interpreted_string_literal",
        InterpretedStringLiteralContent = "interpreted_string_literal_content",
        Iota = "iota",
        KeyedElement = "keyed_element",
        LabelName = "label_name",
        LabeledStatement = "labeled_statement",
        LiteralElement = "literal_element",
        LiteralValue = "literal_value",
        MapType = "map_type",
        MethodDeclaration = "method_declaration",
        MethodElem = "method_elem",
        NegatedType = "negated_type",
        Nil = "nil",
        PackageClause = "package_clause",
        PackageIdentifier = "package_identifier",
        ParameterDeclaration = "parameter_declaration",
        ParameterList = "parameter_list",
        ParenthesizedExpression = "parenthesized_expression",
        ParenthesizedType = "parenthesized_type",
        PointerType = "pointer_type",
        QualifiedType = "qualified_type",
        RangeClause = "range_clause",
        RawStringLiteral = "raw_string_literal",
        RawStringLiteralContent = "raw_string_literal_content",
        ReceiveStatement = "receive_statement",
        ReturnStatement = "return_statement",
        RuneLiteral = "rune_literal",
        SelectStatement = "select_statement",
        SelectorExpression = "selector_expression",
        SendStatement = "send_statement",
        ShortVarDeclaration = "short_var_declaration",
        SliceExpression = "slice_expression",
        SliceType = "slice_type",
        SourceFile = "source_file",
        StatementList = "statement_list",
        StructType = "struct_type",
        True = "true",
        TypeAlias = "type_alias",
        TypeArguments = "type_arguments",
        TypeAssertionExpression = "type_assertion_expression",
        TypeCase = "type_case",
        TypeConstraint = "type_constraint",
        TypeConversionExpression = "type_conversion_expression",
        TypeDeclaration = "type_declaration",
        TypeElem = "type_elem",
        TypeIdentifier = "type_identifier",
        TypeInstantiationExpression = "type_instantiation_expression",
        TypeParameterDeclaration = "type_parameter_declaration",
        TypeParameterList = "type_parameter_list",
        TypeSpec = "type_spec",
        TypeSwitchStatement = "type_switch_statement",
        UnaryExpression = "unary_expression",
        VarDeclaration = "var_declaration",
        VarSpec = "var_spec",
        VarSpecList = "var_spec_list",
        VariadicArgument = "variadic_argument",
        VariadicParameterDeclaration = "variadic_parameter_declaration",
    }
}

names! {
    /// The role of a child in its parent.
    Field {
        Alias = "alias",
        Alternative = "alternative",
        Arguments = "arguments",
        Body = "body",
        Capacity = "capacity",
        Channel = "channel",
        Communication = "communication",
        Condition = "condition",
        Consequence = "consequence",
        Element = "element",
        End = "end",
        Field = "field",
        Function = "function",
        Index = "index",
        Initializer = "initializer",
        Key = "key",
        Label = "label",
        Left = "left",
        Length = "length",
        Name = "name",
        Operand = "operand",
        Operator = "operator",
        Package = "package",
        Parameters = "parameters",
        Path = "path",
        Receiver = "receiver",
        Result = "result",
        Right = "right",
        Start = "start",
        Tag = "tag",
        Type = "type",
        TypeArguments = "type_arguments",
        TypeParameters = "type_parameters",
        Update = "update",
        Value = "value",
    }
}

/// The Go grammar.
pub(crate) fn language() -> &'static Language {
    static LANGUAGE: OnceLock<Language> = OnceLock::new();
    LANGUAGE.get_or_init(|| tree_sitter_go::LANGUAGE.into())
}

fn kind_table() -> &'static [Kind] {
    static TABLE: OnceLock<Vec<Kind>> = OnceLock::new();
    TABLE.get_or_init(|| {
        let language = language();
        let of = |id: u16| {
            let name = language.node_kind_for_id(id).filter(|_| language.node_kind_is_named(id));
            let row = name.and_then(|name| Kind::ALL.iter().find(|(_, text)| *text == name));
            row.map_or(Kind::Other, |(kind, _)| *kind)
        };
        (0..language.node_kind_count()).map(|id| u16::try_from(id).map_or(Kind::Other, of)).collect()
    })
}

fn field_table() -> &'static [Option<NonZeroU16>] {
    static TABLE: OnceLock<Vec<Option<NonZeroU16>>> = OnceLock::new();
    TABLE.get_or_init(|| Field::ALL.iter().map(|(_, name)| language().field_id_for_name(name)).collect())
}

/// What `node` is; error nodes are [`Kind::Other`].
#[must_use]
pub fn kind(node: Node<'_>) -> Kind {
    kind_table().get(usize::from(node.kind_id())).copied().unwrap_or(Kind::Other)
}

/// The first child of `node` in the role `field`.
#[must_use]
pub fn child<'t>(node: Node<'t>, field: Field) -> Option<Node<'t>> {
    let id = field_table().get(field as usize).copied().flatten()?;
    node.child_by_field_id(id.get())
}

/// All children of `node` in the role `field`, in source order.
pub fn children<'t>(node: Node<'t>, field: Field) -> impl Iterator<Item = Node<'t>> {
    let id = field_table().get(field as usize).copied().flatten();
    Children::new(node).filter(move |(_, at)| id.is_some() && *at == id).map(|(node, _)| node)
}

/// The named children of `node` without comments and error nodes, in source order.
pub fn named<'t>(node: Node<'t>) -> impl Iterator<Item = Node<'t>> {
    Children::new(node).map(|(node, _)| node).filter(|n| n.is_named() && !n.is_extra() && !n.is_error())
}

/// Children of one node, each with its field. `Node::child(i)` is linear in `i`; a cursor steps in constant time.
struct Children<'t> {
    cursor: tree_sitter::TreeCursor<'t>,
    more: bool,
}

impl<'t> Children<'t> {
    fn new(node: Node<'t>) -> Self {
        let mut cursor = node.walk();
        let more = cursor.goto_first_child();
        Self { cursor, more }
    }
}

impl<'t> Iterator for Children<'t> {
    type Item = (Node<'t>, Option<NonZeroU16>);

    fn next(&mut self) -> Option<Self::Item> {
        if !self.more {
            return None;
        }
        let item = (self.cursor.node(), self.cursor.field_id());
        self.more = self.cursor.goto_next_sibling();
        Some(item)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_and_field_of_the_lists_exists_in_the_grammar() {
        for (kind, name) in Kind::ALL {
            assert!(kind_table().contains(kind), "{name}");
        }
        assert!(field_table().iter().all(Option::is_some));
    }

    #[test]
    fn every_visible_named_kind_of_the_grammar_is_in_the_list() {
        for id in 0..u16::try_from(language().node_kind_count()).unwrap() {
            if language().node_kind_is_named(id) && language().node_kind_is_visible(id) {
                assert_ne!(kind_table()[usize::from(id)], Kind::Other, "{:?}", language().node_kind_for_id(id));
            }
        }
    }
}
